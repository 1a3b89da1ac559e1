import type { Clock } from '../../server/clock.ts';
import type { Database, Statements } from '../../server/storage/database.ts';

/** Whether a process lives. What is handed to a dead one never comes back to it: as after kill -9. */
export interface Life {
  isOver: boolean;
}

const never = new Promise<never>(() => undefined);

/** Answers to a living process only. */
export async function toLiving<T>(life: Life, answering: Promise<T>): Promise<T> {
  const answer = await answering.catch((error: unknown) => {
    if (life.isOver) return never;
    throw error;
  });
  return life.isOver ? never : answer;
}

/** A clock whose timers die with the process. */
export function mortalClock(clock: Clock, life: Life): Clock {
  return {
    now: () => clock.now(),
    after: (ms, action) =>
      clock.after(ms, () => {
        if (!life.isOver) action();
      }),
  };
}

/** A database as a process sees it that may die: its open transactions are rolled back then, and it writes nothing more. */
export function mortalDatabase(db: Database, life: Life): Database {
  const ask = <T>(work: () => Promise<T>): Promise<T> => (life.isOver ? never : toLiving(life, work()));
  const inTransaction = <T>(work: () => Promise<T>): Promise<T> => {
    if (life.isOver) throw new Error('the process died in a transaction');
    return work();
  };
  const statements = (of: Statements, run: typeof ask): Statements => ({
    ...of,
    all: (sql, params) => run(() => of.all(sql, params)),
    get: (sql, params) => run(() => of.get(sql, params)),
    run: (sql, params) => run(() => of.run(sql, params)),
    script: (sql) => run(() => of.script(sql)),
  });
  return {
    engine: db.engine,
    ...statements(db, ask),
    transaction: (work) =>
      ask(() =>
        db.transaction(async (tx) => {
          const result = await work(statements(tx, inTransaction));
          if (life.isOver) throw new Error('the process died before its commit');
          return result;
        }),
      ),
    perform: (procedure, argument) => ask(() => db.perform(procedure, argument)),
    close: () => db.close(),
  };
}
