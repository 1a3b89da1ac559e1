/** What a column may hold: text, an integer (epoch milliseconds, counts; always a safe integer) or nothing. */
export type Value = string | number | null;

export type ColumnType = 'text' | 'bigint';

/** A column of a set of rows, as one parameter. */
export interface Column {
  type: ColumnType;
  values: readonly Value[];
}

/** Runs SQL. Placeholders are `?1`, `?2`, …; the same text runs on SQLite and PostgreSQL (see docs/architecture.md). */
export interface Statements {
  /** Every row of the answer. Whole columns may be among the parameters where the store takes them. */
  all<R extends object>(sql: string, params?: readonly (Value | Column)[]): Promise<R[]>;
  /** The first row of the answer, if there is one. */
  get<R extends object>(sql: string, params?: readonly Value[]): Promise<R | undefined>;
  /** Runs a statement and tells how many rows it changed. */
  run(sql: string, params?: readonly Value[]): Promise<number>;
  /** Runs several statements without parameters, as migrations are. */
  script(sql: string): Promise<void>;
  /** Whether it takes columns: arrays. Elsewhere rows go through lists of values (rows.ts). */
  readonly takesColumns?: boolean;
}

/**
 * Work that a store runs whole, in one transaction: on SQLite beside the writing connection, on its thread; so argument
 * and result are plain data. May run again after a deadlock.
 */
export type Procedure = (tx: Statements, argument: never) => Promise<unknown>;

/** Procedures by name, given to a store when it is opened. */
export type Procedures = Record<string, Procedure>;

/**
 * A store. Called directly it reads what is committed; writes go through `transaction`.
 * A lock clause stands in the SQL as a comment, `/*+ for update skip locked * /`: PostgreSQL gets it, SQLite,
 * whose transactions run one after the other, does not need it.
 */
export interface Database extends Statements {
  readonly engine: 'sqlite' | 'postgres';
  /**
   * Runs `work` in one transaction and answers when it is on disk. A throw rolls everything back.
   * `work` may run again after a deadlock or a serialisation failure, so it must not act outside the database.
   * @throws StorageUnavailable when the database cannot be reached or written to; nothing was committed then,
   *   unless the connection broke during the commit itself.
   */
  transaction<T>(work: (tx: Statements) => Promise<T>): Promise<T>;
  /**
   * Runs a procedure in one transaction and answers when it is on disk.
   * @throws StorageUnavailable as `transaction` does.
   */
  perform<T>(procedure: string, argument: unknown): Promise<T>;
  close(): Promise<void>;
}

/** The database is away, locked or full: callers are told to try again (HTTP 503), nothing was acknowledged. */
export class StorageUnavailable extends Error {
  constructor(cause: unknown) {
    super(`the database is not available: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'StorageUnavailable';
  }
}
