/** How much waits, and how the lanes are: counted for the metrics, in small steps beside the work. */
import type { Backlog } from '../model.ts';
import type { Database } from './database.ts';

/** So many index entries a step: 0.5 ms on SQLite, whose reads run on the main thread. */
const STEP = 2000;

interface DeliveryStep {
  deliveries: number;
  oldest_due_at: number;
  team_id: string;
  endpoint_id: string;
  due_at: number;
  id: string;
}

interface LaneStep {
  lanes: number;
  open: number;
  backing_off: number;
  team_id: string;
  endpoint_id: string;
}

/**
 * Counts what waits and finds the earliest due time, walking `delivery_waiting` step by step, and then the lanes. What is
 * committed or settled meanwhile may or may not be counted.
 * @param rest called between two steps, so that others get their turn
 */
export async function countBacklog(db: Database, now: number, rest: () => Promise<void>): Promise<Backlog> {
  const backlog: Backlog = {
    countedAt: now,
    deliveries: 0,
    oldestDueAt: null,
    lanes: { open: 0, backing_off: 0, closed: 0 },
  };
  let at: DeliveryStep | undefined;
  do {
    if (at !== undefined) await rest();
    at = await readDeliveryStep(db, at);
    if (at === undefined) break;
    backlog.deliveries += at.deliveries;
    backlog.oldestDueAt = Math.min(backlog.oldestDueAt ?? at.oldest_due_at, at.oldest_due_at);
  } while (at.deliveries === STEP);

  let lane: LaneStep | undefined;
  do {
    if (lane !== undefined) await rest();
    lane = await readLaneStep(db, now, lane);
    if (lane === undefined) break;
    backlog.lanes.backing_off += lane.backing_off;
    backlog.lanes.open += lane.open - lane.backing_off;
    backlog.lanes.closed += lane.lanes - lane.open;
  } while (lane.lanes === STEP);
  return backlog;
}

function readDeliveryStep(db: Database, after: DeliveryStep | undefined): Promise<DeliveryStep | undefined> {
  // The next entries of delivery_waiting past the last one seen: how many, the earliest due time, and the last of them.
  return db.get(
    `with step as (
       select team_id, endpoint_id, due_at, id from delivery
       where status in ('pending', 'failed') and (team_id, endpoint_id, due_at, id) > (?1, ?2, ?3, ?4)
       order by team_id, endpoint_id, due_at, id limit ?5)
     select (select count(*) from step) as deliveries, (select min(due_at) from step) as oldest_due_at,
       team_id, endpoint_id, due_at, id
     from step order by team_id desc, endpoint_id desc, due_at desc, id desc limit 1`,
    [after?.team_id ?? '', after?.endpoint_id ?? '', after?.due_at ?? -1, after?.id ?? '', STEP],
  );
}

function readLaneStep(db: Database, now: number, after: LaneStep | undefined): Promise<LaneStep | undefined> {
  // The next lanes by primary key: how many, how many of them are open, how many of those back off, and the last one.
  return db.get(
    `with step as (
       select team_id, endpoint_id, is_open, backoff_until from lane
       where (team_id, endpoint_id) > (?1, ?2) order by team_id, endpoint_id limit ?3)
     select (select count(*) from step) as lanes, (select count(*) from step where is_open = 1) as open,
       (select count(*) from step where is_open = 1 and backoff_until > ?4) as backing_off, team_id, endpoint_id
     from step order by team_id desc, endpoint_id desc limit 1`,
    [after?.team_id ?? '', after?.endpoint_id ?? '', STEP, now],
  );
}
