import pg from 'pg';
import { freeBytes } from '../free-bytes.ts';
import { takesCommitAlong } from './closing.ts';
import {
  type Column,
  type Database,
  type Procedures,
  type Statements,
  StorageUnavailable,
  type Value,
} from './database.ts';
import { postgresArray } from './postgres-array.ts';

const POOL_SIZE = 12;
const CONNECT_TIMEOUT_MS = 5000;
/** A connection that was closed is missed at the next burst: a new one takes 10 ms, and plans every statement again. */
const IDLE_TIMEOUT_MS = 300_000;
/** Attempts at a transaction that met a deadlock or a serialisation failure. */
const ATTEMPTS = 5;
/** SQLSTATEs of which a repeat of the whole transaction gets rid: serialization_failure, deadlock_detected. */
const REPEATABLE = new Set(['40001', '40P01']);
/** SQLSTATE in_failed_sql_transaction. */
const ABORTED = '25P02';
/** SQLSTATE classes and codes that mean "not now": connection faults, shutdowns, no resources, read-only, fallen silent. */
const UNAVAILABLE = /^(08|57P|53|58)|^25006$|^25P03$/;
/**
 * A transaction whose client says nothing for 5 s is ended: the locks of a host that was cut off from the network in the
 * midst of one would otherwise hold up its lanes, and its team's publishes, until TCP notices (two hours). It is less than
 * a lease, and set in the transaction itself, since a pooler refuses it as a parameter of the connection.
 */
const BEGIN = 'begin; set local idle_in_transaction_session_timeout = 5000';

/**
 * How statements are planned: all of ours find their rows by an index, a few at a time. Planned when the tables are small, they would
 * read a whole table instead, and stay so planned while it grows. Once for all parameters: which days a statement reads is
 * found when it runs, in a tenth of the time that planning it anew over all days takes. A pooler that gives a statement another
 * connection loses nothing else.
 */
export const PLANNING =
  'set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off; ' +
  'set max_parallel_workers_per_gather = 0; set jit = off; set plan_cache_mode = force_generic_plan';

/** The driver gives int8 as text, for its range; all of ours are safe integers. */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/**
 * Opens a pool of connections to PostgreSQL. Commits are as durable as the server's settings make them (its default: on disk).
 * @throws StorageUnavailable when it cannot be reached.
 */
export async function openPostgres(
  url: string,
  log: { warn(fields: object, message: string): void },
  procedures: Procedures = {},
): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    application_name: 'hookloom',
    types,
    // What is asked for at once is sent at once, and answered in its order: a transaction takes as many round trips as it has
    // steps that wait for one another, not as many as it has statements.
    pipeline: true,
  });
  // Sent ahead of the first statement; if it fails, so does that.
  pool.on('connect', (client) => {
    client.query(PLANNING).catch(() => undefined);
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'a database connection broke'));

  const withClient = async <T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw new StorageUnavailable(error);
    }
    let broken: Error | undefined;
    // A connection that breaks while it is lent out tells its borrower, through the query under way, and nobody else.
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      return await use(client);
    } catch (error) {
      if (isUnavailable(error)) broken = error instanceof Error ? error : new Error(String(error));
      throw isUnavailable(error) ? new StorageUnavailable(error) : error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  };

  async function runTransaction<T>(client: pg.PoolClient, work: (tx: Statements) => Promise<T>): Promise<T> {
    let isOver = false;
    let first: { error: unknown } | undefined;
    const within: WithClient = async (use) => {
      if (isOver) throw new Error('the transaction is over');
      try {
        return await use(client);
      } catch (error) {
        first ??= { error };
        throw error;
      }
    };
    // Sent together with the first statement.
    const begun = client.query(BEGIN);
    begun.catch(() => undefined);
    const tx = statementsOf(within);
    const closing = takesCommitAlong(tx);
    try {
      const result = await work(tx);
      isOver = true;
      // After a statement that failed it rolls back.
      const committed = client.query('commit');
      await Promise.all([begun, committed, ...closing]);
      return result;
    } catch (error) {
      isOver = true;
      // After all that is under way.
      await client.query('rollback').catch(() => undefined);
      // A statement after one that failed is told only that the transaction is aborted.
      throw first !== undefined && codeOf(error) === ABORTED ? first.error : error;
    }
  }

  const db: Database = {
    engine: 'postgres',
    ...statementsOf(withClient),
    async transaction(work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await withClient((client) => runTransaction(client, work));
        } catch (error) {
          if (attempt === ATTEMPTS || !REPEATABLE.has(codeOf(error))) throw error;
        }
      }
    },
    async perform<T>(procedure: string, argument: unknown) {
      return (await db.transaction(async (tx) => procedures[procedure]?.(tx, argument as never))) as T;
    },
    close: () => pool.end(),
  };
  try {
    await db.get('select 1 as reachable');
  } catch (error) {
    await pool.end();
    throw error;
  }
  return db;
}

type WithClient = <T>(use: (client: pg.PoolClient) => Promise<T>) => Promise<T>;

function statementsOf(withClient: WithClient): Statements {
  const query = (sql: string, params: readonly (Value | Buffer)[]) =>
    withClient((client) => {
      const { name, text } = prepared(sql);
      return client.query({ name, text, values: params as Value[] });
    });
  return {
    takesColumns: true,
    all: async <R extends object>(sql: string, params: readonly (Value | Column)[] = []) => {
      const sent = params.map((param) => (param !== null && typeof param === 'object' ? postgresArray(param) : param));
      try {
        return (await query(sql, sent)).rows as R[];
      } finally {
        // The driver has copied them.
        for (const bytes of sent) if (Buffer.isBuffer(bytes)) freeBytes(bytes);
      }
    },
    get: async <R extends object>(sql: string, params: readonly Value[] = []) =>
      (await query(sql, params)).rows[0] as R | undefined,
    run: async (sql, params = []) => (await query(sql, params)).rowCount ?? 0,
    script: async (sql) => {
      await withClient((client) => client.query(sql));
    },
  };
}

const texts = new Map<string, { name: string; text: string }>();

/** The statement as PostgreSQL writes it, under a name so that each connection parses and plans it once. */
function prepared(sql: string): { name: string; text: string } {
  let known = texts.get(sql);
  if (known === undefined) {
    const text = sql.replace(/\?(\d+)/g, '$$$1').replace(/\/\*\+ (.*?) \*\//g, '$1');
    known = { name: `s${texts.size}`, text };
    texts.set(sql, known);
  }
  return known;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  // Node's own codes (ECONNREFUSED, …) and the driver's messages when a connection ends under a query.
  return (
    UNAVAILABLE.test(code) ||
    /^E[A-Z]+$/.test(code) ||
    (error instanceof Error && /connection/i.test(error.message) && code === '')
  );
}
