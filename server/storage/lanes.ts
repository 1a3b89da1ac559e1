/** The statements of lanes and their leases. A lane's owner is a worker; its fence goes up each time it changes hands. */
import type { LaneHealth } from '../model.ts';
import type { Database, Statements } from './database.ts';
import { type LaneKey, laneKeyOf } from './lane-key.ts';
import { inChunks, type OverRows, overRows } from './rows.ts';

/** A lane that a worker has just leased. */
export interface LeasedLane extends LaneHealth {
  team_id: string;
  endpoint_id: string;
  fence: number;
}

/** Leases up to `limit` lanes that are due and nobody's. Reads `lane_due` only, so its cost does not grow with the backlog. */
export function claimLanes(
  db: Database,
  owner: string,
  now: number,
  leaseUntil: number,
  limit: number,
): Promise<LeasedLane[]> {
  // Lanes that another worker is taking at this moment are skipped, not waited for.
  return db.transaction((tx) =>
    tx.all<LeasedLane>(
      `with due as (
         select team_id, endpoint_id from lane
         where owner is null and is_open = 1 and next_due_at <= ?2
         order by next_due_at limit ?4 /*+ for update skip locked */)
       update lane set owner = ?1, fence = fence + 1, lease_until = ?3
       from due where lane.team_id = due.team_id and lane.endpoint_id = due.endpoint_id
       returning lane.team_id as team_id, lane.endpoint_id as endpoint_id, lane.fence as fence,
         lane.failing_since as failing_since, lane.last_success_at as last_success_at,
         lane.consecutive_failures as consecutive_failures, lane.backoff_until as backoff_until,
         lane.backoff_level as backoff_level`,
      [owner, now, leaseUntil, limit],
    ),
  );
}

/** Whether some lane is due and nobody's: a read, so that an idle worker writes nothing. */
export async function isLaneDue(db: Database, now: number): Promise<boolean> {
  // The first such lane, by the index of armed lanes.
  const row = await db.get(
    'select 1 as due from lane where owner is null and is_open = 1 and next_due_at <= ?1 limit 1',
    [now],
  );
  return row !== undefined;
}

/** Renews every lease of `owner` in one statement; answers with the lanes that are still its own. */
export function renewLeases(
  db: Database,
  owner: string,
  leaseUntil: number,
): Promise<{ team_id: string; endpoint_id: string; fence: number }[]> {
  return db.transaction((tx) =>
    // By the index of owned lanes.
    tx.all('update lane set lease_until = ?2 where owner = ?1 returning team_id, endpoint_id, fence', [
      owner,
      leaseUntil,
    ]),
  );
}

/** A lane under one lease of it. */
interface FencedKey extends LaneKey {
  fence: number;
}

const KEYS = ['text', 'text', 'bigint'] as const;

/** Locks those of the lanes that nobody is committing to at this moment. */
const free = overRows(
  KEYS,
  (rows) => `
  with k (team_id, endpoint_id, fence) as (${rows})
  select l.team_id as team_id, l.endpoint_id as endpoint_id
  from k cross join lane l
  where l.team_id = k.team_id and l.endpoint_id = k.endpoint_id and l.fence = k.fence /*+ for update of l skip locked */`,
);

/** Without a lock: tells a lane that is busy from one that has changed hands or is gone. */
const owned = overRows(
  KEYS,
  (rows) => `
  with k (team_id, endpoint_id, fence) as (${rows})
  select l.team_id as team_id, l.endpoint_id as endpoint_id
  from k cross join lane l
  where l.team_id = k.team_id and l.endpoint_id = k.endpoint_id and l.fence = k.fence`,
);

const letGo = overRows(
  KEYS,
  (rows) => `
  with k (team_id, endpoint_id, fence) as (${rows})
  update lane set owner = null, lease_until = null, next_due_at = (
    select min(d.due_at) from delivery d
    where d.team_id = lane.team_id and d.endpoint_id = lane.endpoint_id and d.status in ('pending', 'failed'))
  from k where lane.team_id = k.team_id and lane.endpoint_id = k.endpoint_id and lane.fence = k.fence`,
);

/** So many lanes are let go of in one transaction: who commits to one of them meanwhile waits for it. */
const RELEASED_AT_ONCE = 256;

/**
 * Lets lanes go: each is armed for its earliest waiting delivery, or sleeps when it has none. A lane that somebody is
 * committing to at this moment is left as it is (its owner keeps it and tries again). Answers with the lanes let go.
 */
export async function releaseLanes<L extends FencedKey>(db: Database, lanes: readonly L[]): Promise<L[]> {
  const released: L[] = [];
  for (let at = 0; at < lanes.length; at += RELEASED_AT_ONCE)
    released.push(...(await releaseSome(db, lanes.slice(at, at + RELEASED_AT_ONCE))));
  return released;
}

function releaseSome<L extends FencedKey>(db: Database, lanes: readonly L[]): Promise<L[]> {
  return db.transaction(async (tx) => {
    // The locks come first and in statements of their own: the later ones then see every delivery that armed these lanes.
    const held = await keysIn(tx, lanes, free);
    const rest = lanes.filter((lane) => !held.has(keyOf(lane)));
    const busy = await keysIn(tx, rest, owned);
    const released = lanes.filter((lane) => !busy.has(keyOf(lane)));
    // The earliest waiting delivery stands first in delivery_waiting.
    await inChunks(tx, released.filter((lane) => held.has(keyOf(lane))).map(rowOf), letGo);
    return released;
  });
}

async function keysIn<L extends FencedKey>(
  tx: Statements,
  lanes: readonly L[],
  statement: OverRows,
): Promise<Set<string>> {
  const rows = await inChunks<{ team_id: string; endpoint_id: string }>(tx, lanes.map(rowOf), statement);
  return new Set(rows.map((row) => laneKeyOf(row.team_id, row.endpoint_id)));
}

function rowOf(lane: FencedKey): [string, string, number] {
  return [lane.teamId, lane.endpointId, lane.fence];
}

function keyOf({ teamId, endpointId }: LaneKey): string {
  return laneKeyOf(teamId, endpointId);
}

/** Takes lanes from owners whose lease is over: they died, or were cut off. Answers with how many. */
export async function reapLeases(db: Database, now: number): Promise<number> {
  // Read first, so that nothing is written when nobody died. By the index of owned lanes.
  const dead = await db.get('select 1 as dead from lane where owner is not null and lease_until < ?1 limit 1', [now]);
  if (dead === undefined) return 0;
  return db.transaction((tx) =>
    // The fence goes up when the lane is leased again; until then a late result still counts.
    tx.run('update lane set owner = null, lease_until = null where owner is not null and lease_until < ?1', [now]),
  );
}

/** Drops every lease, whoever holds it: at the start of a process that has the database to itself. */
export async function dropAllLeases(db: Database): Promise<void> {
  // The owners died with the process that had this file before.
  await db.transaction((tx) => tx.run('update lane set owner = null, lease_until = null where owner is not null'));
}

/**
 * The net below arming: finds open lanes that sleep although a delivery of theirs is waiting, and arms them.
 * Skips from endpoint to endpoint over `delivery_waiting` (3 ms over 1,000,000 rows; `select distinct` took 90 ms).
 * Answers with how many it found; anything but 0 is a fault worth a log line.
 */
export async function armSleepers(db: Database, now: number): Promise<number> {
  // Each step of the recursion seeks the next endpoint that has a waiting delivery, in its team, else in the next one. As one
  // comparison of pairs, (team_id, endpoint_id) > (…), SQLite walks over every delivery between: 12 s for 1,000,000 of 100 lanes.
  const sleepers = await db.all<{ team_id: string; endpoint_id: string; due_at: number }>(
    `with recursive waiting (team_id, endpoint_id) as (
       select * from (select team_id, endpoint_id from delivery where status in ('pending', 'failed')
         order by team_id, endpoint_id limit 1) first
       union all
       select
         coalesce(
           (select d.team_id from delivery d where d.status in ('pending', 'failed')
             and d.team_id = w.team_id and d.endpoint_id > w.endpoint_id order by d.endpoint_id limit 1),
           (select d.team_id from delivery d where d.status in ('pending', 'failed')
             and d.team_id > w.team_id order by d.team_id, d.endpoint_id limit 1)),
         coalesce(
           (select d.endpoint_id from delivery d where d.status in ('pending', 'failed')
             and d.team_id = w.team_id and d.endpoint_id > w.endpoint_id order by d.endpoint_id limit 1),
           (select d.endpoint_id from delivery d where d.status in ('pending', 'failed')
             and d.team_id > w.team_id order by d.team_id, d.endpoint_id limit 1))
       from waiting w where w.team_id is not null)
     select l.team_id as team_id, l.endpoint_id as endpoint_id,
       (select min(d.due_at) from delivery d where d.team_id = l.team_id and d.endpoint_id = l.endpoint_id
         and d.status in ('pending', 'failed')) as due_at
     from waiting w cross join lane l
     where w.team_id is not null and l.team_id = w.team_id and l.endpoint_id = w.endpoint_id
       and l.is_open = 1 and l.owner is null and l.next_due_at is null`,
  );
  let armed = 0;
  for (const sleeper of sleepers) {
    // Only if it still sleeps.
    armed += await db.transaction((tx) =>
      tx.run(
        'update lane set next_due_at = ?3 where team_id = ?1 and endpoint_id = ?2 and owner is null and next_due_at is null',
        [sleeper.team_id, sleeper.endpoint_id, sleeper.due_at ?? now],
      ),
    );
  }
  return armed;
}
