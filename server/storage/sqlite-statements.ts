import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Statements, StorageUnavailable, type Value } from './database.ts';

/** SQLite result codes that mean "not now" rather than "wrong": BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN. */
const UNAVAILABLE = new Set([5, 6, 8, 10, 13, 14]);

/** Runs SQL on a connection of this thread. Each text is prepared once. */
export function sqliteStatements(connection: DatabaseSync): Statements {
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = connection.prepare(withoutNumbers(sql));
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

/**
 * The statement with `?` for `?1`, `?2`, … where these stand in order and once each: SQLite looks a numbered one up in a
 * list, which made binding the 640 values of a chunk quadratic (177 µs an insert of 16 rows, 60 µs without).
 */
function withoutNumbers(sql: string): string {
  const marks = sql.match(/\?\d+/g) ?? [];
  return marks.every((mark, index) => mark === `?${index + 1}`) ? sql.replaceAll(/\?\d+/g, '?') : sql;
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw asUnavailable(error);
  }
}

/** The error as callers should see it: a result code that means "not now" becomes StorageUnavailable. */
export function asUnavailable(error: unknown): unknown {
  const code = sqliteCode(error);
  return code !== undefined && UNAVAILABLE.has(code & 0xff) ? new StorageUnavailable(error) : error;
}

/** SQLite's (extended) result code of an error, if it is one of SQLite's. */
export function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}
