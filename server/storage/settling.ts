/** The statements that record what an attempt came to. */
import type { LaneHealth } from '../model.ts';
import type { Statements, Value } from './database.ts';
import { inChunks, insertInto, overRows, perCount } from './rows.ts';

const COLUMNS = ['text', 'text', 'text', 'bigint', 'bigint', 'bigint', 'bigint'] as const;

const settle = overRows(
  COLUMNS,
  (rows) => `
  with s (team_id, id, status, due_at, retry_at, attempt_count, settled_at) as (${rows})
  update delivery set
    status = case when delivery.status = 'held' and s.status = 'failed' then 'held' else s.status end,
    due_at = s.due_at, retry_at = s.retry_at, attempt_count = s.attempt_count, settled_at = s.settled_at
  from s
  where delivery.team_id = s.team_id and delivery.id = s.id and delivery.status in ('pending', 'failed', 'held')`,
);

/** Moves deliveries on: rows of team_id, id, status, due_at, retry_at, attempt_count, settled_at. What is already final stays so. */
export async function settleDeliveries(tx: Statements, rows: readonly (readonly Value[])[]): Promise<void> {
  await inChunks(tx, rows, settle, [], true);
}

/** Rows of `attempt`, in the order of its columns. A repeated result of the same attempt changes nothing. */
export const insertAttempts = insertInto(
  'attempt',
  {
    team_id: 'text',
    delivery_id: 'text',
    number: 'bigint',
    started_at: 'bigint',
    duration_ms: 'bigint',
    status: 'bigint',
    error: 'text',
    reply_headers: 'text',
    reply_body: 'text',
  },
  'on conflict (team_id, delivery_id, number) do nothing',
);

/** A delivery that waits, and its endpoint: what is told of it when it dies. */
export interface Dying {
  id: string;
  event_id: string;
  type: string;
  endpoint_id: string;
  name: string | null;
  url: string;
  retry_policy: string;
}

const dying = perCount(
  (count) => `
  select d.id as id, d.event_id as event_id, d.type as type, e.id as endpoint_id, e.name as name, e.url as url,
    e.retry_policy as retry_policy
  from delivery d join endpoint e on e.team_id = d.team_id and e.id = d.endpoint_id
  where d.team_id = ?1 and d.status in ('pending', 'failed', 'held')
    and d.id in (${Array.from({ length: count }, (_, i) => `?${i + 2}`).join(', ')})`,
);

/** Those of a team's deliveries that are not final yet, with their endpoints. */
export function readDying(tx: Statements, teamId: string, ids: readonly string[]): Promise<Dying[]> {
  // By primary keys.
  return inChunks<Dying>(
    tx,
    ids.map((id) => [id]),
    dying,
    [teamId],
  );
}

const HEALTH = ['text', 'text', 'bigint', 'bigint', 'bigint', 'bigint', 'bigint'] as const;

const healths = overRows(
  HEALTH,
  (rows) => `
  with h (team_id, endpoint_id, failing_since, last_success_at, consecutive_failures, backoff_until, backoff_level) as (${rows}),
  held as (
    select l.team_id, l.endpoint_id from h join lane l on l.team_id = h.team_id and l.endpoint_id = h.endpoint_id
    order by l.team_id, l.endpoint_id /*+ for no key update of l */)
  update lane set failing_since = h.failing_since, last_success_at = h.last_success_at,
    consecutive_failures = h.consecutive_failures, backoff_until = h.backoff_until, backoff_level = h.backoff_level
  from h join held on held.team_id = h.team_id and held.endpoint_id = h.endpoint_id
  where lane.team_id = h.team_id and lane.endpoint_id = h.endpoint_id`,
);

/** Writes what the owners of lanes know of their endpoints' health, each lane once. */
export async function writeHealths(
  tx: Statements,
  lanes: readonly { teamId: string; endpointId: string; health: LaneHealth }[],
): Promise<void> {
  // By primary key; the caller holds the lanes and has checked their fences. Locked in one order, whoever else does the same.
  const rows = lanes
    .toSorted((a, b) => (a.teamId + a.endpointId < b.teamId + b.endpointId ? -1 : 1))
    .map(({ teamId, endpointId, health }) => [
      teamId,
      endpointId,
      health.failing_since,
      health.last_success_at,
      health.consecutive_failures,
      health.backoff_until,
      health.backoff_level,
    ]);
  await inChunks(tx, rows, healths, [], true);
}
