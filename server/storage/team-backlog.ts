/** How much of one team waits: counted in small steps beside the work. */
import { STEP } from './backlog.ts';
import type { Database } from './database.ts';

interface Entry {
  endpoint_id: string;
  due_at: number;
  id: string;
}

/**
 * Counts a team's deliveries that are pending, failed or held, and stops at `most`.
 * @param rest called between two steps, so that others get their turn
 */
export async function countTeamBacklog(
  db: Database,
  teamId: string,
  most: number,
  rest: () => Promise<void>,
): Promise<number> {
  let count = 0;
  for (const status of ["('pending', 'failed')", "('held')"]) {
    for (let from: Entry = { endpoint_id: '', due_at: -1, id: '' }; count < most; ) {
      const to = await readStepEnd(db, teamId, status, from);
      if (to === undefined) {
        count += await readRest(db, teamId, status, from);
        break;
      }
      count += STEP[db.engine];
      from = to;
      await rest();
    }
  }
  return count;
}

/** In the order of delivery_waiting; delivery_held has no times, and needs none. */
const orderOf = (status: string): string => (status === "('held')" ? '' : 'due_at, ');

function readStepEnd(db: Database, teamId: string, status: string, from: Entry): Promise<Entry | undefined> {
  // Skips over entries of one of the two indexes without reading rows; undefined when fewer than a step are left.
  const order = `endpoint_id, ${orderOf(status)}id`;
  return db.get(
    `select endpoint_id, due_at, id from delivery
     where team_id = ?1 and status in ${status} and (${order}) > (?2, ${orderOf(status) && '?5, '}?3)
     order by ${order} limit 1 offset ?4`,
    [teamId, from.endpoint_id, from.id, STEP[db.engine] - 1, ...(orderOf(status) ? [from.due_at] : [])],
  );
}

async function readRest(db: Database, teamId: string, status: string, from: Entry): Promise<number> {
  // Less than a step of the same index.
  const order = `endpoint_id, ${orderOf(status)}id`;
  const row = await db.get<{ count: number }>(
    `select count(*) as count from delivery
     where team_id = ?1 and status in ${status} and (${order}) > (?2, ${orderOf(status) && '?4, '}?3)`,
    [teamId, from.endpoint_id, from.id, ...(orderOf(status) ? [from.due_at] : [])],
  );
  return row?.count ?? 0;
}
