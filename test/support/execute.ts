import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Store } from './stores.ts';

/** Runs SQL on a store beside the server that has it open: for states that only time, or a broken database, brings about. */
export async function execute(store: Store, sql: string): Promise<void> {
  if (store.name === 'SQLite') {
    const database = new DatabaseSync(store.url.replace('sqlite:', ''));
    database.exec(`pragma busy_timeout=5000; ${sql}`);
    database.close();
    return;
  }
  const client = new pg.Client(store.url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
