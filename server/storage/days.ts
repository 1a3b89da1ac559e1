/**
 * The days on PostgreSQL: attempts, deliveries that are final, events and their bodies stand in one table a day, made ahead of
 * time and dropped whole when it is past its retention.
 */
import { type Database, type Statements, StorageUnavailable } from './database.ts';

const DAY_MS = 24 * 3600 * 1000;
/** Days that are made ahead, today included. */
const AHEAD = 3;
/** Making and dropping want a lock on the whole table for a moment. Who waits for them waits no longer; the next pass tries again. */
const PATIENCE = "set local lock_timeout = '250ms'";
/** So long after it could have gone a day of events is pruned row by row: some of them are sent again and again. */
const OVERDUE_MS = 3 * DAY_MS;

/**
 * Up to 4 KB, two rows a page, text is stored as it is; PostgreSQL compresses from 2 KB on, which took a fifth of its time for the
 * usual event and saved 1 KB of each.
 */
const AS_IT_IS = 'with (toast_tuple_target = 4080)';

/** What stands in days, and by which column. A day's table is `<name>_<yyyymmdd>`. */
const TABLES = [
  { name: 'attempt', parent: 'attempt', by: 'id', options: '' },
  { name: 'delivery', parent: 'delivery_final', by: 'id', options: '' },
  { name: 'event', parent: 'event', by: 'time', options: AS_IT_IS },
  { name: 'event_body', parent: 'event_body', by: 'time', options: AS_IT_IS },
] as const;
type Name = (typeof TABLES)[number]['name'];

/** The id before which no delivery of a time (epoch milliseconds) or later sorts. */
type EarliestId = (time: number) => string;

/** What days are made and dropped with. */
export interface DayParts {
  db: Database;
  /** Is told why a day could not be made or dropped; the next pass tries again. */
  log: { warn(fields: object, message: string): void };
  earliestId: EarliestId;
}

/**
 * Makes the tables of today and the next days, where they lack.
 * @returns how many were made; none on SQLite
 */
export async function makeDays({ db, log, earliestId }: DayParts, now: number): Promise<number> {
  if (db.engine !== 'postgres') return 0;
  const there = await readDays(db);
  const wanted: { table: string; sql: string }[] = [];
  for (let day = startOfDay(now); day < startOfDay(now) + AHEAD * DAY_MS; day += DAY_MS)
    for (const { name, parent, by, options } of TABLES) {
      if (there[name].has(day)) continue;
      const [from, to] = by === 'id' ? [`'${earliestId(day)}'`, `'${earliestId(day + DAY_MS)}'`] : [day, day + DAY_MS];
      const table = tableOf(name, day);
      const sql = `create table if not exists ${table} partition of ${parent} for values from (${from}) to (${to}) ${options}`;
      wanted.push({ table, sql });
    }
  const all = wanted.map(({ sql }) => sql).join(';');
  if (wanted.length === 0 || (await attempt(db, (tx) => tx.script(all)))) return wanted.length;
  // One cannot be made, because of a lock, another process, or rows of that day in the rest: the others are.
  let made = 0;
  for (const { table, sql } of wanted) {
    const tell = (error: unknown): void => log.warn({ err: error, table }, 'cannot make the table of a day');
    if (await attempt(db, (tx) => tx.script(sql), tell)) made += 1;
  }
  return made;
}

/** Which days may be dropped. */
export interface DropLimits {
  /** What was made before this time is past its retention (epoch milliseconds). */
  before: number;
  /** A delivery that ended at this time or later is still to be seen, whenever it was made. */
  endedBefore: number;
}

/**
 * Drops the days that are past their retention: deliveries with their attempts, when none of them waits and none ended lately;
 * a day after these events with their bodies, when no delivery of them is left.
 * @returns how many tables; none on SQLite
 */
export async function dropDays(
  { db, log, earliestId }: DayParts,
  { before, endedBefore }: DropLimits,
): Promise<number> {
  if (db.engine !== 'postgres') return 0;
  const there = await readDays(db);
  let dropped = 0;
  const drop = async (day: number, names: readonly Name[], mayGo: (tx: Statements) => Promise<boolean>) => {
    const tables = names.filter((name) => there[name].has(day));
    if (tables.length === 0) return;
    const listed = tables.map((name) => tableOf(name, day)).join(', ');
    const isGone = await attempt(
      db,
      async (tx) => {
        if (!(await mayGo(tx))) return false;
        await tx.script(`drop table ${listed}`);
        return true;
      },
      (error) => log.warn({ err: error, table: listed }, 'cannot drop the table of a day'),
    );
    if (!isGone) return;
    for (const name of tables) there[name].delete(day);
    dropped += tables.length;
  };

  for (const day of daysOf(there, ['delivery', 'attempt']))
    if (day + DAY_MS <= before)
      await drop(day, ['delivery', 'attempt'], (tx) =>
        hasEnded(tx, there.delivery.has(day) ? tableOf('delivery', day) : undefined, day, endedBefore, earliestId),
      );
  // An event that was accepted before midnight may have got its deliveries after it.
  for (const day of daysOf(there, ['event', 'event_body']))
    if (day + 2 * DAY_MS <= before && !there.delivery.has(day) && !there.delivery.has(day + DAY_MS))
      await drop(day, ['event', 'event_body'], (tx) => isUnused(tx, day, before, there.delivery));
  return dropped;
}

/** The tables whose rows retention walks, because they are not dropped by day. On SQLite these are all. */
export async function tablesToWalk(db: Database, before: number): Promise<{ deliveries: string[]; events: string[] }> {
  if (db.engine !== 'postgres') return { deliveries: ['delivery'], events: ['event'] };
  const overdue = daysOf(await readDays(db), ['event']).filter((day) => day + DAY_MS + OVERDUE_MS <= before);
  return {
    deliveries: ['delivery_unfinished', 'delivery_rest'],
    events: ['event_rest', ...overdue.map((day) => tableOf('event', day))],
  };
}

/**
 * Whether no delivery of a day waits, and none ended lately. In this order: none that is made later belongs to the day, so when
 * nothing of it waits nothing of it ends any more.
 */
async function hasEnded(
  tx: Statements,
  table: string | undefined,
  day: number,
  endedBefore: number,
  earliestId: EarliestId,
): Promise<boolean> {
  // Read whole: what waits.
  await tx.script('set local enable_seqscan = on');
  const waiting = await tx.get('select 1 as found from delivery_unfinished where id >= ?1 and id < ?2 limit 1', [
    earliestId(day),
    earliestId(day + DAY_MS),
  ]);
  if (waiting !== undefined) return false;
  if (table === undefined) return true;
  // By delivery_settled, which only a bitmap can use.
  await tx.script('set local enable_seqscan = off; set local enable_bitmapscan = on');
  return (await tx.get(`select 1 as found from ${table} where settled_at >= ?1 limit 1`, [endedBefore])) === undefined;
}

/** Whether no delivery of a day's events is left; nobody makes one until the transaction ends. The day's own deliveries are gone. */
async function isUnused(
  tx: Statements,
  day: number,
  before: number,
  deliveryDays: ReadonlySet<number>,
): Promise<boolean> {
  // Read whole: what waits, and what has no day.
  await tx.script('set local enable_seqscan = on');
  const left = await tx.get(
    `select 1 as found where exists (select 1 from delivery_unfinished where event_at >= ?1 and event_at < ?2)
       or exists (select 1 from delivery_rest where event_at >= ?1 and event_at < ?2)`,
    [day, day + DAY_MS],
  );
  if (left !== undefined) return false;
  // Who makes a delivery of a past event holds it first: it has left its mark, or will find that the event is gone.
  await tx.script('lock table only event, only event_body in access exclusive mode');
  const row = await tx.get<{ day: number | null }>('select max(used_day) as day from event_day where day = ?1', [
    day / DAY_MS,
  ]);
  const usedDay = row?.day == null ? undefined : row.day * DAY_MS;
  if (usedDay !== undefined && (usedDay + DAY_MS > before || deliveryDays.has(usedDay))) return false;
  await tx.run('delete from event_day where day = ?1', [day / DAY_MS]);
  return true;
}

/** True when it was done; false when it may not or cannot be now, and why not is told. */
async function attempt(
  db: Database,
  work: (tx: Statements) => Promise<unknown>,
  tell: (error: unknown) => void = () => undefined,
): Promise<boolean> {
  try {
    return await db.transaction(async (tx) => {
      await tx.script(PATIENCE);
      return (await work(tx)) !== false;
    });
  } catch (error) {
    if (error instanceof StorageUnavailable) throw error;
    tell(error);
    return false;
  }
}

type Days = Record<Name, Set<number>>;

async function readDays(db: Database): Promise<Days> {
  // By the catalog's index of parents.
  const rows = await db.all<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent in (${TABLES.map(({ parent }) => `'${parent}'::regclass`).join(', ')})`,
  );
  const days: Days = { attempt: new Set(), delivery: new Set(), event: new Set(), event_body: new Set() };
  for (const row of rows) {
    const [, name, year, month, day] = row.name.match(/^(\w+)_(\d{4})(\d{2})(\d{2})$/) ?? [];
    if (name !== undefined) days[name as Name].add(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  }
  return days;
}

function daysOf(days: Days, names: readonly Name[]): number[] {
  return [...new Set(names.flatMap((name) => [...days[name]]))].sort((a, b) => a - b);
}

function startOfDay(time: number): number {
  return time - (time % DAY_MS);
}

function tableOf(name: Name, day: number): string {
  return `${name}_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`;
}
