import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Store } from './stores.ts';

/** Asks the database itself, beside the server that has it open. */
export async function askBeside(store: Store, sql: string): Promise<Record<string, unknown>[]> {
  if (store.name === 'SQLite') {
    using db = new DatabaseSync(store.url.replace('sqlite:', ''));
    db.exec('pragma busy_timeout = 5000');
    return db.prepare(sql).all();
  }
  const client = new pg.Client(store.url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The names of all tables. */
export async function tablesBeside(store: Store): Promise<string[]> {
  const tables = await askBeside(
    store,
    store.name === 'SQLite'
      ? "select name from sqlite_master where type = 'table'"
      : "select tablename as name from pg_tables where schemaname = 'public'",
  );
  return tables.map(({ name }) => String(name));
}

/** Every column of every row of every table. */
export async function dump(store: Store): Promise<string> {
  const tables = await tablesBeside(store);
  const rows: object[] = [];
  for (const table of tables) rows.push(...(await askBeside(store, `select * from ${table}`)));
  return rows.map((row) => Object.values(row).map(String).join('\n')).join('\n');
}
