import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Column, type Statements, StorageUnavailable, type Value } from './database.ts';

/** SQLite result codes that mean "not now" rather than "wrong": BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN. */
const UNAVAILABLE = new Set([5, 6, 8, 10, 13, 14]);

interface Prepared {
  statement: StatementSync;
  /** Which parameter each mark takes, counted from 0; undefined where they stand in order and once each. */
  takes: readonly number[] | undefined;
}

/** Runs SQL on a connection of this thread. Each text is prepared once. */
export function sqliteStatements(connection: DatabaseSync): Statements {
  const known = new Map<string, Prepared>();
  const execute = <T>(
    sql: string,
    params: readonly Value[],
    how: (statement: StatementSync, params: readonly Value[]) => T,
  ) =>
    attempt(() => {
      let prepared = known.get(sql);
      if (prepared === undefined) {
        prepared = prepare(connection, sql);
        known.set(sql, prepared);
      }
      const { statement, takes } = prepared;
      return how(statement, takes === undefined ? params : takes.map((index) => params[index] ?? null));
    });
  return {
    async all<R extends object>(sql: string, params: readonly (Value | Column)[] = []) {
      // Columns do not come here: it does not take them.
      return execute(sql, params as readonly Value[], (statement, inOrder) => statement.all(...inOrder)) as R[];
    },
    async get<R extends object>(sql: string, params: readonly Value[] = []) {
      return execute(sql, params, (statement, inOrder) => statement.get(...inOrder)) as R | undefined;
    },
    async run(sql, params = []) {
      return Number(execute(sql, params, (statement, inOrder) => statement.run(...inOrder)).changes);
    },
    async script(sql) {
      attempt(() => connection.exec(sql));
    },
  };
}

/**
 * Prepares a statement with `?` for its `?1`, `?2`, …: SQLite looks a numbered one up in a list, which made binding the 640 values of a
 * chunk quadratic (177 µs an insert of 16 rows, 60 µs without). And with `limit 0 + ?` for `limit ?`: SQLite plans by a bare
 * limit's value, so it compiled such a statement anew each time it ran (50 of the 65 µs of a read of what is due).
 */
function prepare(connection: DatabaseSync, sql: string): Prepared {
  const takes = (sql.match(/\?\d+/g) ?? []).map((mark) => Number(mark.slice(1)) - 1);
  return {
    statement: connection.prepare(sql.replaceAll(/\?\d+/g, '?').replaceAll('limit ?', 'limit 0 + ?')),
    takes: takes.every((parameter, index) => parameter === index) ? undefined : takes,
  };
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
