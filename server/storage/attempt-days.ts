/** The days of `attempt` on PostgreSQL: made ahead of time, and dropped whole when they are past their retention. */
import { type Database, StorageUnavailable } from './database.ts';

const DAY_MS = 24 * 3600 * 1000;
/** Days that are made ahead, today included. */
const AHEAD = 3;
/** Both want a lock on the whole table for a moment: whoever holds it longer is not waited for, and the next pass tries again. */
const PATIENCE = "set local lock_timeout = '1s'";

/**
 * Makes the tables of today and the next days, where they lack.
 * @param earliestId the id before which no delivery of that time (epoch milliseconds) or later sorts
 * @returns how many were made; none on SQLite
 */
export async function makeAttemptDays(
  db: Database,
  now: number,
  earliestId: (time: number) => string,
): Promise<number> {
  if (db.engine !== 'postgres') return 0;
  const there = new Set(await readDays(db));
  let made = 0;
  for (let day = 0; day < AHEAD; day += 1) {
    const from = startOfDay(now) + day * DAY_MS;
    if (there.has(nameOf(from))) continue;
    made += await attempt(
      db,
      `create table if not exists ${nameOf(from)} partition of attempt
       for values from ('${earliestId(from)}') to ('${earliestId(from + DAY_MS)}')`,
    );
  }
  return made;
}

/** Drops the days that ended before a time. @returns how many; none on SQLite */
export async function dropAttemptDays(db: Database, before: number): Promise<number> {
  if (db.engine !== 'postgres') return 0;
  let dropped = 0;
  for (const name of await readDays(db))
    if (dayOf(name) + DAY_MS <= before) dropped += await attempt(db, `drop table if exists ${name}`);
  return dropped;
}

/** 1 when it was done; 0 when it cannot be now, because of a lock, another process, or rows of that day in attempt_rest. */
async function attempt(db: Database, sql: string): Promise<number> {
  try {
    await db.transaction((tx) => tx.script(`${PATIENCE}; ${sql}`));
    return 1;
  } catch (error) {
    if (error instanceof StorageUnavailable) throw error;
    return 0;
  }
}

async function readDays(db: Database): Promise<string[]> {
  // By the catalog's index of parents.
  const rows = await db.all<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'attempt'::regclass order by c.relname`,
  );
  return rows.map(({ name }) => name).filter((name) => /^attempt_\d{8}$/.test(name));
}

function startOfDay(time: number): number {
  return time - (time % DAY_MS);
}

function nameOf(day: number): string {
  return `attempt_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

function dayOf(name: string): number {
  const [, year, month, day] = name.match(/^attempt_(\d{4})(\d{2})(\d{2})$/) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day));
}
