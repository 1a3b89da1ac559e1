import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { type Database, type Statements, StorageUnavailable, type Value } from './database.ts';

/** Beyond this the log is wound back by the writer itself: a passive checkpoint never finishes under steady load. */
const LONGEST_WAL_BYTES = 256 * 1024 * 1024;
/** SQLite result codes that mean "not now" rather than "wrong": BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN. */
const UNAVAILABLE = new Set([5, 6, 8, 10, 13, 14]);

/** Another process has the file open; SQLite serves one Hookloom process at a time. */
export class DatabaseInUse extends Error {
  constructor(path: string) {
    super(
      `${path} is in use by another Hookloom process. Stop that one first, or use PostgreSQL to run several (DATABASE_URL=postgres://…).`,
    );
    this.name = 'DatabaseInUse';
  }
}

/**
 * Opens an SQLite file (made when absent, with its folder) in WAL mode with `synchronous=FULL`: a commit answers when
 * it is on disk. One connection writes, one reads, and a thread moves the log into the file so that commits never wait for it.
 * @throws DatabaseInUse when another process has it.
 */
export async function openSqlite(path: string): Promise<Database> {
  mkdirSync(dirname(path), { recursive: true });
  const lock = takeLock(path);
  const writer = new DatabaseSync(path);
  writer.exec(
    'pragma journal_mode=wal; pragma synchronous=full; pragma wal_autocheckpoint=0; pragma busy_timeout=5000; pragma cache_size=-65536; pragma temp_store=memory',
  );
  const reader = new DatabaseSync(path);
  reader.exec('pragma query_only=1; pragma busy_timeout=5000; pragma cache_size=-32768');
  const checkpointer = new Worker(new URL('./checkpoint-thread.ts', import.meta.url), { workerData: { path } });
  checkpointer.unref();

  const reads = statementsOf(reader);
  const writes = statementsOf(writer);
  let last: Promise<unknown> = Promise.resolve();
  let transactions = 0;

  async function runTransaction<T>(work: (tx: Statements) => Promise<T>): Promise<T> {
    try {
      writer.exec('begin immediate');
    } catch (error) {
      throw unavailable(error);
    }
    try {
      const result = await work(writes);
      writer.exec('commit');
      transactions += 1;
      if (transactions % 1024 === 0) rewindLongLog();
      return result;
    } catch (error) {
      if (writer.isTransaction) writer.exec('rollback');
      throw unavailable(error);
    }
  }

  function rewindLongLog(): void {
    const size = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (size > LONGEST_WAL_BYTES) writer.exec('pragma wal_checkpoint(truncate)');
  }

  return {
    engine: 'sqlite',
    ...reads,
    transaction(work) {
      // One writer: transactions queue here instead of failing with BUSY.
      const mine = last.then(() => runTransaction(work));
      last = mine.catch(() => undefined);
      return mine;
    },
    async close() {
      await last;
      await checkpointer.terminate();
      reader.close();
      writer.exec('pragma wal_checkpoint(truncate)');
      writer.close();
      lock.close();
    },
  };
}

/** Holds an exclusive lock on `<path>.lock` while the process lives; the system drops it however the process ends. */
function takeLock(path: string): DatabaseSync {
  const lock = new DatabaseSync(`${path}.lock`);
  try {
    lock.exec('pragma busy_timeout=0; pragma journal_mode=delete; begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (errorCode(error) === 5) throw new DatabaseInUse(path);
    throw error;
  }
}

function statementsOf(connection: DatabaseSync): Statements {
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = connection.prepare(sql);
      prepared.set(sql, statement);
    }
    return statement;
  };
  return {
    async all<R extends object>(sql: string, params: readonly Value[] = []) {
      return attempt(() => prepare(sql).all(...params)) as R[];
    },
    async get<R extends object>(sql: string, params: readonly Value[] = []) {
      return attempt(() => prepare(sql).get(...params)) as R | undefined;
    },
    async run(sql, params = []) {
      return Number(attempt(() => prepare(sql).run(...params)).changes);
    },
    async script(sql) {
      attempt(() => connection.exec(sql));
    },
  };
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unavailable(error);
  }
}

/** The error as callers should see it: a result code that means "not now" becomes StorageUnavailable. */
function unavailable(error: unknown): unknown {
  const code = errorCode(error);
  return code !== undefined && UNAVAILABLE.has(code & 0xff) ? new StorageUnavailable(error) : error;
}

function errorCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : undefined;
}
