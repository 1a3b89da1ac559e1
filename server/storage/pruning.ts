/**
 * The statements of retention. Each walks a team's rows in the order of a key, some at a time: reads tell where a step ends,
 * a short transaction then prunes between its ends, so that nothing is scanned and no commit waits long.
 */
import type { Database, Procedures, Statements } from './database.ts';
import { inChunks, perCount } from './rows.ts';

/** Teams past `after`, by id. */
export function readTeamIds(db: Database, after: string, limit: number): Promise<{ id: string }[]> {
  // By primary key.
  return db.all('select id from team where id > ?1 order by id limit ?2', [after, limit]);
}

/** The ids of a team's deliveries past `after` and before `bound` in a table. Ids sort by the time at which they were made. */
export function readDeliveryStep(
  db: Database,
  table: string,
  teamId: string,
  after: string,
  bound: string,
  limit: number,
): Promise<{ id: string }[]> {
  // Over the primary key, which has all that is read.
  return db.all(`select id from ${table} where team_id = ?1 and id > ?2 and id < ?3 order by id limit ?4`, [
    teamId,
    after,
    bound,
    limit,
  ]);
}

interface DeliveryRange {
  /** Where they are pruned from; held ones end wherever they stand. */
  table: string;
  teamId: string;
  first: string;
  last: string;
  endedBefore: number;
  now: number;
}

interface EventSet {
  teamId: string;
  ids: readonly string[];
  now: number;
}

interface ExpiredKeys {
  teamId: string;
  now: number;
  limit: number;
}

interface ReplaySet {
  teamId: string;
  ids: readonly string[];
}

/**
 * What the store runs whole: from here, each statement of a step would be a way to SQLite's thread and back, while all
 * commits wait.
 */
export const pruningProcedures = {
  pruneDeliveries,
  pruneEvents,
  prunePayloads,
  pruneKeys,
  pruneReplays,
} satisfies Procedures;

/**
 * Prunes deliveries from one id to another, with their attempts: those that ended before `endedBefore`. Held ones end as
 * cancelled now. What waits for an attempt stays. Answers with how many were pruned and cancelled.
 */
async function pruneDeliveries(
  tx: Statements,
  { table, teamId, first, last, endedBefore, now }: DeliveryRange,
): Promise<{ deliveries: number; cancelled: number }> {
  const range = [teamId, first, last];
  // A range of the primary key. One that is released at this moment is pending, and stays.
  const cancelled = await tx.run(
    `update delivery set status = 'cancelled', settled_at = ?4
     where team_id = ?1 and id >= ?2 and id <= ?3 and status = 'held'`,
    [...range, now],
  );
  // The same range; what is final changes no more.
  const deliveries = await tx.run(
    `delete from ${table} where team_id = ?1 and id >= ?2 and id <= ?3
       and status in ('delivered', 'dead', 'cancelled') and coalesce(settled_at, 0) < ?4`,
    [...range, endedBefore],
  );
  if (deliveries > 0)
    // The same range of the attempts' primary key; whether their delivery is gone, by its primary key.
    await tx.run(
      `delete from attempt where team_id = ?1 and delivery_id >= ?2 and delivery_id <= ?3
         and not exists (select 1 from delivery d where d.team_id = attempt.team_id and d.id = attempt.delivery_id)`,
      range,
    );
  return { deliveries, cancelled };
}

/** An event as retention sees it. */
export interface AgedEvent {
  id: string;
  seq: number;
  accepted_at: number;
  pruned_at: number | null;
}

/** A team's events past a number in a table, oldest first. */
export function readEventStep(
  db: Database,
  table: string,
  teamId: string,
  afterSeq: number,
  limit: number,
): Promise<AgedEvent[]> {
  // Forward over event_by_seq; the envelope, the last and largest of a row, is not read.
  return db.all(
    `select id, seq, accepted_at, pruned_at from ${table} where team_id = ?1 and seq > ?2 order by seq limit ?3`,
    [teamId, afterSeq, limit],
  );
}

const lockEvents = perCount(
  (count) =>
    `select id from event where team_id = ?1 and id in (${list(count)}) order by id /*+ for update skip locked */`,
);
const deleteEvents = perCount(
  (count) => `
  delete from event where team_id = ?1 and id in (${list(count)})
    and not exists (select 1 from delivery d where d.team_id = event.team_id and d.event_id = event.id)
  returning id`,
);
const deleteBodies = perCount(
  (count) => `delete from event_body where team_id = ?1 and event_id in (${list(count)}) returning event_id`,
);

/** Prunes those of the events that have no delivery left, with their bodies. Answers with how many. */
async function pruneEvents(tx: Statements, { teamId, ids }: EventSet): Promise<number> {
  const locked = await take(tx, teamId, ids);
  // By primary key, and by delivery_by_event.
  const gone = await inChunks<{ id: string }>(tx, rowsOf(locked), deleteEvents, [teamId]);
  // By primary key.
  await inChunks(tx, rowsOf(gone), deleteBodies, [teamId]);
  return gone.length;
}

const settledEvents = perCount(
  (count) => `
  select id, envelope from event where team_id = ?1 and id in (${list(count)}) and pruned_at is null
    and not exists (select 1 from delivery d where d.team_id = event.team_id and d.event_id = event.id
      and d.status in ('pending', 'failed', 'held'))`,
);

/** Prunes the payloads of those of the events for which nothing waits: they keep `data: null`. Answers with how many. */
async function prunePayloads(tx: Statements, { teamId, ids, now }: EventSet): Promise<number> {
  const locked = await take(tx, teamId, ids);
  // By primary key, and by delivery_by_event.
  const settled = await inChunks<{ id: string; envelope: string }>(tx, rowsOf(locked), settledEvents, [teamId]);
  // By primary key; the row is held.
  for (const { id, envelope } of settled)
    await tx.run('update event set envelope = ?3, pruned_at = ?4 where team_id = ?1 and id = ?2', [
      teamId,
      id,
      JSON.stringify({ ...JSON.parse(envelope), data: null }),
      now,
    ]);
  // By primary key.
  await inChunks(tx, rowsOf(settled), deleteBodies, [teamId]);
  return settled.length;
}

/**
 * Takes events, in a statement of its own: whoever makes a new delivery of one holds it (`holdEvents`), so that it is either
 * left alone here, or its new delivery is seen by the next statement.
 */
async function take(tx: Statements, teamId: string, ids: readonly string[]): Promise<{ id: string }[]> {
  // By primary key.
  return inChunks<{ id: string }>(tx, rowsOf([...ids].sort().map((id) => ({ id }))), lockEvents, [teamId]);
}

/** Forgets publishers' ids and kept replies that have expired, up to `limit` of each. Answers with the larger number. */
async function pruneKeys(tx: Statements, { teamId, now, limit }: ExpiredKeys): Promise<number> {
  // By event_key_expiry.
  const keys = await tx.run(
    `delete from event_key where team_id = ?1 and expires_at <= ?2 and key in (
       select key from event_key where team_id = ?1 and expires_at <= ?2 order by expires_at limit ?3)`,
    [teamId, now, limit],
  );
  // By idempotency_expiry; one that is claimed anew at this moment has not expired any more, and stays.
  const replies = await tx.run(
    `delete from idempotency where team_id = ?1 and expires_at <= ?2 and (operation, key) in (
       select operation, key from idempotency where team_id = ?1 and expires_at <= ?2 order by expires_at limit ?3)`,
    [teamId, now, limit],
  );
  return Math.max(keys, replies);
}

/** Replays made before `bound` that ended before a time, and of which no delivery is left. */
export function readEndedReplays(
  db: Database,
  teamId: string,
  bound: string,
  endedBefore: number,
  limit: number,
): Promise<{ id: string }[]> {
  // A range of the primary key, and delivery_of_replay.
  return db.all(
    `select id from replay where team_id = ?1 and id < ?2 and finished_at < ?3
       and not exists (select 1 from delivery d where d.team_id = replay.team_id and d.replay_id = replay.id)
     order by id limit ?4`,
    [teamId, bound, endedBefore, limit],
  );
}

const deleteReplays = perCount(
  (count) => `delete from replay where team_id = ?1 and id in (${list(count)}) returning id`,
);

/** Forgets replays. Answers with how many. */
async function pruneReplays(tx: Statements, { teamId, ids }: ReplaySet): Promise<number> {
  // By primary key.
  const gone = await inChunks<{ id: string }>(tx, rowsOf(ids.map((id) => ({ id }))), deleteReplays, [teamId]);
  return gone.length;
}

/** Whether a team has a publisher's id or a kept reply that has expired. */
export async function hasExpiredKeys(db: Database, teamId: string, now: number): Promise<boolean> {
  // The first entries of event_key_expiry and idempotency_expiry.
  const row = await db.get(
    `select 1 as found where exists (select 1 from event_key where team_id = ?1 and expires_at <= ?2)
       or exists (select 1 from idempotency where team_id = ?1 and expires_at <= ?2)`,
    [teamId, now],
  );
  return row !== undefined;
}

function rowsOf(rows: readonly { id: string }[]): [string][] {
  return rows.map(({ id }) => [id]);
}

function list(count: number): string {
  return Array.from({ length: count }, (_, index) => `?${index + 2}`).join(', ');
}
