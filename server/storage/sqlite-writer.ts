import { Worker } from 'node:worker_threads';
import type { Column, Statements, Value } from './database.ts';

/** What the writing thread is asked to do. */
export type Task =
  | { kind: 'all' | 'get' | 'run'; sql: string; params: readonly Value[] }
  | { kind: 'script'; sql: string }
  | { kind: 'perform'; procedure: string; argument: unknown }
  | { kind: 'rollback' | 'close' };

/** What came of a task. */
export type Reply =
  | { value: unknown }
  | { error: { message: string; stack: string | undefined; errcode: number | undefined } };

/** The module of a writing thread, which calls `serveSqlite`, and what it finds in its `workerData` beside the path. */
export interface ThreadModule {
  url: URL;
  data?: Record<string, unknown>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The writing connection, on a thread of its own. Tasks run in the order in which they are handed over. */
export interface SqliteWriter extends Statements {
  /** Runs a procedure of the thread in one transaction. */
  perform(procedure: string, argument: unknown): Promise<unknown>;
  /** Rolls back what is open, if anything is. */
  rollback(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the writing thread. Tasks handed over in the same turn travel, and are answered, in one message.
 * @param turn the memory of a WriteTurn
 */
export function startSqliteWriter(path: string, module: ThreadModule, turn: SharedArrayBuffer): SqliteWriter {
  const thread = new Worker(module.url, {
    workerData: { ...module.data, path, turn },
    // 2 MB of young objects, of which V8 counts three: what it makes is gone when it has answered.
    resourceLimits: { maxYoungGenerationSizeMb: 6 },
  });
  const inFlight: Waiting[][] = [];
  let tasks: Task[] = [];
  let waiting: Waiting[] = [];
  let broken: Error | undefined;

  thread.on('message', (replies: Reply[]) => {
    const group = inFlight.shift() ?? [];
    replies.forEach((reply, index) => {
      if ('error' in reply) group[index]?.reject(Object.assign(new Error(reply.error.message), reply.error));
      else group[index]?.resolve(reply.value);
    });
  });
  thread.on('error', (error) => {
    broken = error instanceof Error ? error : new Error(String(error));
    for (const one of [...inFlight.flat(), ...waiting]) one.reject(broken);
    inFlight.length = 0;
    waiting = [];
    tasks = [];
  });

  function flush(): void {
    if (tasks.length === 0) return;
    thread.postMessage(tasks);
    inFlight.push(waiting);
    tasks = [];
    waiting = [];
  }

  function ask(task: Task): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (broken !== undefined) {
        reject(broken);
        return;
      }
      if (tasks.length === 0) queueMicrotask(flush);
      tasks.push(task);
      waiting.push({ resolve, reject });
    });
  }

  return {
    all: <R extends object>(sql: string, params: readonly (Value | Column)[] = []) =>
      ask({ kind: 'all', sql, params: params as readonly Value[] }) as Promise<R[]>,
    get: <R extends object>(sql: string, params: readonly Value[] = []) =>
      ask({ kind: 'get', sql, params }) as Promise<R | undefined>,
    run: (sql, params = []) => ask({ kind: 'run', sql, params }) as Promise<number>,
    script: async (sql) => {
      await ask({ kind: 'script', sql });
    },
    perform: (procedure, argument) => ask({ kind: 'perform', procedure, argument }),
    rollback: async () => {
      await ask({ kind: 'rollback' });
    },
    async close() {
      if (broken === undefined) await ask({ kind: 'close' });
      await thread.terminate();
    },
  };
}
