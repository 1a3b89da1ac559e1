import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { sqliteCode } from '../../server/storage/sqlite-statements.ts';
import type { Store } from './stores.ts';
import { until } from './until.ts';

const BUSY = 5;

/** Runs SQL on a store beside the server that has it open: for states that only time, or a broken database, brings about. */
export async function execute(store: Store, sql: string): Promise<void> {
  if (store.name === 'SQLite') return executeSqlite(store.url.replace('sqlite:', ''), sql);
  const client = new pg.Client(store.url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function executeSqlite(path: string, sql: string): Promise<void> {
  const database = new DatabaseSync(path);
  // A server in this process needs the event loop to end the transaction that is waited for, so nothing may block it.
  database.exec('pragma busy_timeout=0');
  const isDone = (): boolean => {
    try {
      database.exec(sql);
      return true;
    } catch (error) {
      if (sqliteCode(error) === BUSY) return false;
      throw error;
    }
  };
  try {
    await until(isDone, 'the database to be free');
  } finally {
    database.close();
  }
}
