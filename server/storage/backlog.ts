/** How much waits, and how the lanes are: counted for the metrics, in small steps beside the work. */
import type { Backlog } from '../model.ts';
import type { Database } from './database.ts';

/** So many entries a step: 0.6 ms on SQLite, whose reads run on the main thread. */
export const STEP = { sqlite: 2000, postgres: 20_000 };

/** The last entry of a step, in the order of the index. */
interface Entry {
  team_id: string;
  endpoint_id: string;
  due_at: number;
  id: string;
}

const START: Entry = { team_id: '', endpoint_id: '', due_at: -1, id: '' };

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
  for (let from = START; ; ) {
    const to = await readStepEnd(db, from);
    const { deliveries, oldest_due_at: oldest } = await readStep(db, from, to);
    backlog.deliveries += deliveries;
    if (oldest !== null) backlog.oldestDueAt = Math.min(backlog.oldestDueAt ?? oldest, oldest);
    if (to === undefined) break;
    from = to;
    await rest();
  }

  let lane: LaneStep | undefined;
  do {
    if (lane !== undefined) await rest();
    lane = await readLaneStep(db, now, lane);
    if (lane === undefined) break;
    backlog.lanes.backing_off += lane.backing_off;
    backlog.lanes.open += lane.open - lane.backing_off;
    backlog.lanes.closed += lane.lanes - lane.open;
  } while (lane.lanes === STEP[db.engine]);
  return backlog;
}

function readStepEnd(db: Database, from: Entry): Promise<Entry | undefined> {
  // Skips over entries of delivery_waiting without reading rows; undefined when fewer than a step are left.
  return db.get(
    `select team_id, endpoint_id, due_at, id from delivery
     where status in ('pending', 'failed') and (team_id, endpoint_id, due_at, id) > (?1, ?2, ?3, ?4)
     order by team_id, endpoint_id, due_at, id limit 1 offset ?5`,
    [from.team_id, from.endpoint_id, from.due_at, from.id, STEP[db.engine] - 1],
  );
}

async function readStep(
  db: Database,
  from: Entry,
  to: Entry | undefined,
): Promise<{ deliveries: number; oldest_due_at: number | null }> {
  // How many entries of delivery_waiting stand between the two, and the earliest due time among them.
  const row = await db.get<{ deliveries: number; oldest_due_at: number | null }>(
    `select count(*) as deliveries, min(due_at) as oldest_due_at from delivery
     where status in ('pending', 'failed') and (team_id, endpoint_id, due_at, id) > (?1, ?2, ?3, ?4)
       ${to === undefined ? '' : 'and (team_id, endpoint_id, due_at, id) <= (?5, ?6, ?7, ?8)'}`,
    [from, ...(to === undefined ? [] : [to])].flatMap((entry) => [
      entry.team_id,
      entry.endpoint_id,
      entry.due_at,
      entry.id,
    ]),
  );
  return row ?? { deliveries: 0, oldest_due_at: null };
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
    [after?.team_id ?? '', after?.endpoint_id ?? '', STEP[db.engine], now],
  );
}
