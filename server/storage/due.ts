/** What a worker reads before an attempt: due deliveries of a lane, and how their endpoint wants them. */
import type { EndpointKind, EndpointState } from '../model.ts';
import type { Database, Value } from './database.ts';
import { type LaneKey, laneKeyOf } from './lane-key.ts';
import { inChunks, overRows } from './rows.ts';

/** A delivery that waits for its next attempt, with the body frozen at fan-out. */
export interface DueDelivery {
  id: string;
  event_id: string;
  type: string;
  dialect: string;
  due_at: number;
  /** In an ordered lane: when a failed one is tried again. */
  retry_at: number | null;
  ordering_key: string | null;
  attempt_count: number;
  is_test: number;
  /** When its event was accepted; null for a delivery that was made later, as a replay is. */
  accepted_at: number | null;
  /** The trace context to hand on, if the publish came with one. */
  traceparent: string | null;
  /** Text as it is read; bytes where the delivery was handed over in memory. */
  body: string | Buffer;
}

/** Where a lane's owner has read to. */
export interface Cursor {
  dueAt: number;
  id: string;
}

/** What a lane's owner wants to read. */
export interface DueRead extends LaneKey {
  cursor: Cursor;
  limit: number;
}

/** The columns of a DueDelivery, and where they come from. */
const DUE = `d.id as id, d.event_id as event_id, d.type as type, d.dialect as dialect, d.due_at as due_at,
  d.retry_at as retry_at, d.ordering_key as ordering_key, d.attempt_count as attempt_count, e.is_test as is_test,
  case when d.created_at = d.event_at then d.event_at end as accepted_at, e.traceparent as traceparent,
  coalesce(b.body, e.envelope) as body`;
const WITH_BODIES = `join event e on e.team_id = d.team_id and e.id = d.event_id and e.accepted_at = d.event_at
  left join event_body b on b.team_id = d.team_id and b.event_id = d.event_id and b.dialect = d.dialect
    and b.accepted_at = d.event_at`;

// Forward from the cursor: reading from the start met 300,000 settled index entries on PostgreSQL (22 ms against 0.7 ms).
// The limit stands within, so that each event is looked up by its whole key: joined flat, PostgreSQL reads all events of a
// team for each delivery while it believes that a team has few (140 ms for 16 deliveries beside 5,000 events).
const dueOfOne = `
  select ${DUE}
  from (
    select * from delivery
    where team_id = ?2 and endpoint_id = ?3 and status in ('pending', 'failed') and (due_at, id) > (?4, ?5) and due_at <= ?1
    order by due_at, id limit ?6) d
  ${WITH_BODIES}`;

const DUE_READ = ['bigint', 'text', 'text', 'bigint', 'text', 'bigint'] as const;

/** The same for several lanes, in PostgreSQL's words. */
const dueOfMany = overRows(
  DUE_READ,
  (rows) => `
  with k (n, team_id, endpoint_id, due_at, id, most) as (${rows})
  select k.n as n, ${DUE}
  from k cross join lateral (
    select * from delivery w
    where w.team_id = k.team_id and w.endpoint_id = k.endpoint_id and w.status in ('pending', 'failed')
      and (w.due_at, w.id) > (k.due_at, k.id) and w.due_at <= ?1
    order by w.due_at, w.id limit k.most) d
  ${WITH_BODIES}`,
  1,
);

/** Of each lane the next waiting deliveries past its cursor and due by `now`, earliest first. */
export async function readDues(db: Database, reads: readonly DueRead[], now: number): Promise<DueDelivery[][]> {
  const rowOf = ({ teamId, endpointId, cursor, limit }: DueRead): Value[] => [
    teamId,
    endpointId,
    cursor.dueAt,
    cursor.id,
    limit,
  ];
  // SQLite's reads are calls; PostgreSQL's are round trips, and 50 at once would take the connections that publishes need.
  const found =
    db.engine === 'sqlite'
      ? await Promise.all(reads.map((read) => db.all<DueDelivery>(dueOfOne, [now, ...rowOf(read)])))
      : reads.map((): DueDelivery[] => []);
  if (db.engine !== 'sqlite') {
    const rows = reads.map((read, n) => [n, ...rowOf(read)]);
    for (const { n, ...due } of await inChunks<DueDelivery & { n: number }>(db, rows, dueOfMany, [now]))
      found[n]?.push(due);
  }
  for (const due of found) due.sort((a, b) => a.due_at - b.due_at || (a.id < b.id ? -1 : 1));
  return found;
}

const LANE = ['text', 'text'] as const;

const nextDues = overRows(
  LANE,
  (rows) => `
  with k (team_id, endpoint_id) as (${rows})
  select k.team_id as team_id, k.endpoint_id as endpoint_id, (
    select d.due_at from delivery d
    where d.team_id = k.team_id and d.endpoint_id = k.endpoint_id and d.status in ('pending', 'failed') and d.due_at > ?1
    order by d.due_at limit 1) as due_at
  from k`,
  1,
);

/** When the next delivery of each lane after `now` is due, or null. */
export async function readNextDues(db: Database, lanes: readonly LaneKey[], now: number): Promise<(number | null)[]> {
  // Of each lane the first entry past `now` in delivery_waiting.
  const rows = await inChunks<{ team_id: string; endpoint_id: string; due_at: number | null }>(
    db,
    lanes.map(({ teamId, endpointId }) => [teamId, endpointId]),
    nextDues,
    [now],
  );
  const found = new Map(rows.map((row) => [laneKeyOf(row.team_id, row.endpoint_id), row.due_at]));
  return lanes.map(({ teamId, endpointId }) => found.get(laneKeyOf(teamId, endpointId)) ?? null);
}

/** What is read of an endpoint at each attempt. */
export interface EndpointSettings {
  kind: EndpointKind;
  url: string;
  /** JSON object of custom headers. */
  headers: string;
  /** As in EndpointRow. */
  allowed_ips: string | null;
  credentials: string | null;
  client_certificate: string | null;
  signature: string | null;
  retry_policy: string;
  timeout_ms: number;
  max_in_flight: number;
  rate_limit: number | null;
  ordered: number;
  state: EndpointState;
  secret: string;
  previous_secret: string | null;
  previous_secret_until: number | null;
}

const settings = overRows(
  LANE,
  (rows) => `
  with k (team_id, id) as (${rows})
  select e.team_id as team_id, e.id as id, e.kind as kind, e.url as url, e.headers as headers, e.allowed_ips as allowed_ips,
    e.credentials as credentials, e.client_certificate as client_certificate, e.signature as signature,
    e.retry_policy as retry_policy, e.timeout_ms as timeout_ms, e.max_in_flight as max_in_flight, e.rate_limit as rate_limit,
    e.ordered as ordered, case when e.state = 'active' and l.is_open = 0 then 'paused' else e.state end as state,
    e.secret as secret, e.previous_secret as previous_secret, e.previous_secret_until as previous_secret_until
  from k
  cross join endpoint e
  left join lane l on l.team_id = e.team_id and l.endpoint_id = e.id
  where e.team_id = k.team_id and e.id = k.id`,
);

/** The endpoints as they are now, in the order asked for; undefined for those that were deleted. */
export async function readManySettings(
  db: Database,
  lanes: readonly LaneKey[],
): Promise<(EndpointSettings | undefined)[]> {
  // Two look-ups by primary key each. An active endpoint's lane is closed while what it held is still being discarded.
  const rows = await inChunks<EndpointSettings & { team_id: string; id: string }>(
    db,
    lanes.map(({ teamId, endpointId }) => [teamId, endpointId]),
    settings,
  );
  const found = new Map(rows.map((row) => [laneKeyOf(row.team_id, row.id), row]));
  return lanes.map(({ teamId, endpointId }) => found.get(laneKeyOf(teamId, endpointId)));
}
