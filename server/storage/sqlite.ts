import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { Database, Statements } from './database.ts';
import { asUnavailable, sqliteCode, sqliteStatements } from './sqlite-statements.ts';
import { startSqliteWriter, type ThreadModule } from './sqlite-writer.ts';
import { writeTurnMemory } from './write-turn.ts';

const BUSY = 5;

/** Another process has the file open; SQLite serves one Hookloom process at a time. */
export class DatabaseInUse extends Error {
  constructor(path: string) {
    super(
      `${path} is in use by another Hookloom process. Stop that one first, or use PostgreSQL to run several (DATABASE_URL=postgres://…).`,
    );
    this.name = 'DatabaseInUse';
  }
}

/** The path leads to no database: something else stands there, or it cannot be opened or made. */
export class DatabaseUnusable extends Error {
  constructor(path: string, cause: unknown) {
    super(
      `${path} cannot be opened as an SQLite database: ${cause instanceof Error ? cause.message : cause}. Check the path in DATABASE_URL and the rights on its folder.`,
      { cause },
    );
    this.name = 'DatabaseUnusable';
  }
}

/**
 * Opens an SQLite file (made when absent, with its folder) in WAL mode with `synchronous=FULL`: a commit answers when it
 * is on disk. A thread writes, this one reads on a connection of its own, and a third moves the log into the file, so
 * that neither requests nor commits wait for the disk longer than they must.
 * @param module the writing thread's module, which brings the procedures that `perform` runs
 * @throws DatabaseInUse when another process has it, DatabaseUnusable when it is none.
 */
export async function openSqlite(path: string, module: ThreadModule): Promise<Database> {
  try {
    return await openConnections(path, module);
  } catch (error) {
    throw error instanceof DatabaseInUse ? error : new DatabaseUnusable(path, error);
  }
}

async function openConnections(path: string, module: ThreadModule): Promise<Database> {
  mkdirSync(dirname(path), { recursive: true });
  const lock = takeLock(path);
  const turn = writeTurnMemory();
  const writer = startSqliteWriter(path, module, turn);
  try {
    // The first connection makes the file and its log; the others need them.
    await writer.script('select 1');
  } catch (error) {
    lock.close();
    throw error;
  }
  const reader = new DatabaseSync(path);
  reader.exec('pragma busy_timeout=5000; pragma query_only=1; pragma cache_size=-3072');
  const checkpointer = new Worker(new URL('./checkpoint-thread.ts', import.meta.url), {
    workerData: { path, turn },
    // 1 MB of young objects, of which V8 counts three: it makes next to nothing.
    resourceLimits: { maxYoungGenerationSizeMb: 3 },
  });
  checkpointer.unref();

  /** The last transaction whose work runs on this side. */
  let last: Promise<unknown> = Promise.resolve();
  let transactions = 0;

  /** One writer: a transaction waits for what was asked before, instead of failing with BUSY. */
  function inTurn<T>(write: () => Promise<T>): Promise<T> {
    transactions += 1;
    const mine = last.then(write).catch((error: unknown) => {
      throw asUnavailable(error);
    });
    last = mine
      .catch(() => undefined)
      .finally(() => {
        transactions -= 1;
      });
    return mine;
  }

  /**
   * The thread does what it is handed in order, and procedures whole, so several may be on their way, and a transaction that
   * begins after them comes after them; only a transaction that is open is waited for. (What is on its way is not kept in
   * a Set: its outgrown tables stay linked to each other, in old space, and kept every group until a full collection.)
   */
  async function perform<T>(procedure: string, argument: unknown): Promise<T> {
    while (transactions > 0) await last;
    return writer.perform(procedure, argument).catch((error: unknown) => {
      throw asUnavailable(error);
    }) as Promise<T>;
  }

  async function runTransaction<T>(work: (tx: Statements) => Promise<T>): Promise<T> {
    // Not awaited: it travels with the first statement.
    const begun = writer.run('begin immediate');
    begun.catch(() => undefined);
    try {
      const result = await work(writer);
      await begun;
      await writer.run('commit');
      return result;
    } catch (error) {
      await writer.rollback();
      // When the beginning failed, that is the reason, not what came of it.
      await begun;
      throw error;
    }
  }

  return {
    engine: 'sqlite',
    ...sqliteStatements(reader),
    transaction: (work) => inTurn(() => runTransaction(work)),
    perform,
    async close() {
      await last;
      await checkpointer.terminate();
      reader.close();
      await writer.close();
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
    if (sqliteCode(error) === BUSY) throw new DatabaseInUse(path);
    throw error;
  }
}
