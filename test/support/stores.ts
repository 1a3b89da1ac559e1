import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { loadCatalog } from '../../server/catalog/load.ts';
import { commitProcedures } from '../../server/commit.ts';
import type { Database } from '../../server/storage/database.ts';
import { migrate } from '../../server/storage/migrate.ts';
import { openPostgres } from '../../server/storage/postgres.ts';
import { openSqlite } from '../../server/storage/sqlite.ts';

const catalog = loadCatalog('events.json');

/** What the stores run whole, over the shipped catalog. */
export const procedures = commitProcedures(catalog);
const COMMIT_THREAD = {
  url: new URL('../../server/commit-thread.ts', import.meta.url),
  data: { catalog: catalog.source },
};

/** A database of a test's own, removed with it. */
export interface Store {
  name: 'SQLite' | 'PostgreSQL';
  /** As DATABASE_URL has it. */
  url: string;
  open(): Promise<Database>;
  remove(): Promise<void>;
}

/** Set by test/run.ts, which starts the PostgreSQL server for all test files. */
function serverUrl(): string {
  const url = process.env.TEST_POSTGRES_URL;
  if (url === undefined)
    throw new Error('run tests with `npm test` (or `node test/run.ts <file>`), which starts PostgreSQL');
  return url;
}

export async function sqliteStore(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'hookloom-'));
  const path = join(folder, 'test.db');
  return {
    name: 'SQLite',
    url: `sqlite:${path}`,
    open: () => openSqlite(path, COMMIT_THREAD),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

let made = 0;

export async function postgresStore(): Promise<Store> {
  made += 1;
  const name = `test_${process.pid}_${made}`;
  await administrate(`create database ${name}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return {
    name: 'PostgreSQL',
    url: url.href,
    open: () => openPostgres(url.href, { warn: () => undefined }, procedures),
    remove: () => administrate(`drop database if exists ${name} with (force)`),
  };
}

async function administrate(sql: string): Promise<void> {
  const client = new pg.Client(serverUrl());
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Both stores, for tests that must hold on each. */
export const stores = [
  { name: 'SQLite', make: sqliteStore },
  { name: 'PostgreSQL', make: postgresStore },
] as const;

/** A migrated database with the team `default`. */
export async function openMigrated(store: Store): Promise<Database> {
  const db = await store.open();
  await migrate(db);
  await db.transaction((tx) =>
    tx.run("insert into team (id, name, created_at) values ('default', 'Default', 0) on conflict (id) do nothing"),
  );
  return db;
}
