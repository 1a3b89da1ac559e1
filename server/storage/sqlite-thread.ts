import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type Procedures, StorageUnavailable } from './database.ts';
import { sqliteCode, sqliteStatements } from './sqlite-statements.ts';
import type { Reply, Task } from './sqlite-writer.ts';
import { WriteTurn } from './write-turn.ts';

/**
 * Serves the writing connection from a thread of its own: a commit waits for the disk, and the server must not wait with
 * it (on the main thread, statements and commits were 130 of the 320 µs of a publish and its settlement).
 * A thread's module calls this with the procedures that run whole beside the connection.
 */
export function serveSqlite(procedures: Procedures): void {
  const port = parentPort;
  if (port === null) throw new Error('serveSqlite is for worker threads');
  const { path, turn: memory } = workerData as { path: string; turn: SharedArrayBuffer };
  const turn = new WriteTurn(memory);
  const connection = new DatabaseSync(path);
  // The log is moved and wound back by the checkpoint thread; one that grew beyond 128 MB, beside a backup, is then cut off.
  connection.exec(
    'pragma busy_timeout=5000; pragma page_size=8192; pragma journal_mode=wal; pragma synchronous=full; pragma wal_autocheckpoint=0; pragma journal_size_limit=134217728; pragma cache_size=-13312; pragma temp_store=memory',
  );
  const statements = sqliteStatements(connection);
  let last: Promise<void> = Promise.resolve();

  async function perform(task: Task): Promise<unknown> {
    switch (task.kind) {
      case 'perform':
        return inTransaction(() => procedures[task.procedure]?.(statements, task.argument as never));
      case 'close':
        connection.exec('pragma wal_checkpoint(truncate)');
        connection.close();
        return undefined;
      case 'rollback':
        if (connection.isTransaction) connection.exec('rollback');
        return undefined;
      case 'script':
        return statements.script(task.sql);
      default:
        return statements[task.kind](task.sql, task.params);
    }
  }

  async function inTransaction(work: () => Promise<unknown> | undefined): Promise<unknown> {
    await statements.run('begin immediate');
    try {
      const result = await work();
      await statements.run('commit');
      return result;
    } catch (error) {
      if (connection.isTransaction) connection.exec('rollback');
      throw error;
    }
  }

  async function answer(tasks: Task[]): Promise<void> {
    const replies: Reply[] = [];
    for (const task of tasks) {
      if (!connection.isTransaction) turn.begin();
      try {
        replies.push({ value: await perform(task) });
      } catch (error) {
        replies.push({ error: describe(error) });
      }
      if (!connection.isOpen || !connection.isTransaction) turn.end();
    }
    port?.postMessage(replies);
  }

  port.on('message', (tasks: Task[]) => {
    // One after the other, though a procedure is asynchronous.
    last = last.then(() => answer(tasks));
  });
}

/** An error so that it survives the way to the other thread. */
function describe(error: unknown): { message: string; stack: string | undefined; errcode: number | undefined } {
  const cause = error instanceof StorageUnavailable ? error.cause : error;
  const { message, stack } = cause instanceof Error ? cause : new Error(String(cause));
  return { message, stack, errcode: sqliteCode(cause) };
}
