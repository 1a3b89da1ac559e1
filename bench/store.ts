import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../test/support/postgres-server.ts';
import { parentOf } from './usage.ts';

/** Databases for measurements, each new. */
export interface BenchStore {
  engine: 'sqlite' | 'postgres';
  version: string;
  /** The process whose children serve the database, where that is not the measured server itself. */
  pid: number | null;
  create(): Promise<BenchDatabase>;
  close(): Promise<void>;
}

export interface BenchDatabase {
  /** As DATABASE_URL has it. */
  url: string;
  remove(): Promise<void>;
}

/** SQLite files in the system's temporary folder; it must be on a disk. */
export function sqliteStore(): BenchStore {
  return {
    engine: 'sqlite',
    version: process.versions.sqlite ?? 'unknown',
    pid: null,
    async create() {
      const folder = mkdtempSync(join(tmpdir(), 'hookloom-bench-'));
      return {
        url: `sqlite:${join(folder, 'bench.db')}`,
        remove: async () => rmSync(folder, { recursive: true, force: true }),
      };
    },
    close: async () => undefined,
  };
}

/** A PostgreSQL of the bench's own with the settings that it comes with: `fsync` and `synchronous_commit` are on. */
export async function postgresStore(): Promise<BenchStore> {
  const server = await startPostgres();
  const client = new pg.Client(server.url);
  await client.connect();
  // Its version, and that it is as durable as said.
  const { rows } = await client.query(
    `select current_setting('server_version') as version, pg_backend_pid() as pid,
       current_setting('fsync') || current_setting('synchronous_commit') as durable`,
  );
  const { version, pid, durable } = rows[0] as { version: string; pid: number; durable: string };
  if (durable !== 'onon') throw new Error(`PostgreSQL does not run with its durable defaults: ${durable}`);
  let made = 0;
  return {
    engine: 'postgres',
    version,
    pid: parentOf(pid),
    async create() {
      made += 1;
      const name = `bench_${made}`;
      // A name of our own, so nothing to quote.
      await client.query(`create database ${name}`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return {
        url: url.href,
        remove: async () => {
          await client.query(`drop database ${name} with (force)`);
        },
      };
    },
    async close() {
      await client.end();
      await server.remove();
    },
  };
}
