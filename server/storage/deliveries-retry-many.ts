/** The statements of a retry of many deliveries. They find candidates; the caller takes their lanes before it changes them. */
import type { Statements, Value } from './database.ts';
import { holdEventsOf } from './events-hold.ts';
import { inChunks, perCount, placeholders } from './rows.ts';

/** Which deliveries of a team to retry. Times are those at which deliveries were made. */
export interface RetryFilter {
  status: 'dead' | 'failed' | 'cancelled';
  endpointId?: string | undefined;
  eventId?: string | undefined;
  type?: string | undefined;
  since?: number | undefined;
  until: number;
}

/** A delivery that may be retried, and where it stands in the order in which candidates are found. */
export interface Candidate {
  id: string;
  endpoint_id: string;
  due_at: number;
}

/**
 * Whether no other delivery of the event to the endpoint, made later, came to more, or to the same: such a one makes this obsolete.
 * `|| ''` keeps planners from delivery_by_endpoint, by which each look would read all that the endpoint got later: 10,000
 * retries took more than two minutes on PostgreSQL, and take one second so. For the same reason it is a value, which is looked
 * up for each delivery, and not an `exists`, which PostgreSQL joins as it likes.
 */
const IS_NEWEST = `(
  select 1 from delivery n where n.team_id = d.team_id and n.event_id = d.event_id
    and n.endpoint_id || '' = d.endpoint_id and n.id || '' > d.id
    and n.status in ('delivered', 'pending', 'failed', 'held', d.status) limit 1) is null`;

const SELECT = `
  select d.id as id, d.endpoint_id as endpoint_id, d.due_at as due_at
  from delivery d join lane l on l.team_id = d.team_id and l.endpoint_id = d.endpoint_id and l.is_open = 1`;

/** Dead or cancelled deliveries past a candidate, in the order of their ids; those of endpoints that are not active left out. */
export function findFinal(
  tx: Statements,
  teamId: string,
  filter: RetryFilter,
  after: Candidate | null,
  limit: number,
): Promise<Candidate[]> {
  const { conditions, params } = conditionsOf(teamId, filter, limit);
  conditions.push(`d.id > ?${params.push(after?.id ?? '')}`);
  // Forward over delivery_unsuccessful; the later deliveries by delivery_by_event.
  return tx.all(
    `${SELECT} where ${conditions.join(' and ')} and d.status in ('dead', 'cancelled') and ${IS_NEWEST}
     order by d.id limit ?2`,
    params,
  );
}

/**
 * Failed deliveries past a candidate whose next attempt lies ahead of `startedAt` and whose last one lies before it, lane
 * by lane; those of endpoints that are not active left out.
 */
export function findFailed(
  tx: Statements,
  teamId: string,
  filter: RetryFilter,
  after: Candidate | null,
  startedAt: number,
  limit: number,
): Promise<Candidate[]> {
  const { conditions, params } = conditionsOf(teamId, filter, limit);
  const start = `?${params.push(startedAt)}`;
  conditions.push(`d.due_at > ${start}`);
  if (after !== null) {
    const place = [after.endpoint_id, after.due_at, after.id].map((value) => `?${params.push(value)}`);
    conditions.push(`(d.endpoint_id, d.due_at, d.id) > (${place.join(', ')})`);
  }
  // Forward over delivery_waiting; the last attempt by primary key.
  return tx.all(
    `${SELECT} where ${conditions.join(' and ')} and d.status in ('pending', 'failed') and not exists (
       select 1 from attempt a where a.team_id = d.team_id and a.delivery_id = d.id and a.number = d.attempt_count
         and a.started_at >= ${start})
     order by d.endpoint_id, d.due_at, d.id limit ?2`,
    params,
  );
}

function conditionsOf(teamId: string, filter: RetryFilter, limit: number): { conditions: string[]; params: Value[] } {
  const params: Value[] = [teamId, limit];
  const conditions = ['d.team_id = ?1'];
  const where = (column: string, value: Value | undefined) => {
    if (value !== undefined) conditions.push(`${column} ?${params.push(value)}`);
  };
  where('d.status =', filter.status);
  where('d.endpoint_id =', filter.endpointId);
  where('d.event_id =', filter.eventId);
  where('d.type =', filter.type);
  where('d.created_at >=', filter.since);
  where('d.created_at <', filter.until);
  return { conditions, params };
}

const openLanes = perCount(
  (count) => `
  select endpoint_id, is_open from lane where team_id = ?1 and endpoint_id in (${list(count, 2)})
  order by endpoint_id /*+ for update */`,
);

/** Takes lanes until the transaction ends, in the order given, which must be sorted; answers with those that are open. */
export async function takeOpenLanes(
  tx: Statements,
  teamId: string,
  endpointIds: readonly string[],
): Promise<Set<string>> {
  // By primary key.
  const rows = await inChunks<{ endpoint_id: string; is_open: number }>(
    tx,
    endpointIds.map((id) => [id]),
    openLanes,
    [teamId],
  );
  return new Set(rows.filter((row) => row.is_open === 1).map((row) => row.endpoint_id));
}

const replays = perCount(
  (count) => `
  with r (original, id) as (values ${placeholders(count, 2, 3, ['text', 'text'])})
  insert into delivery (team_id, id, endpoint_id, event_id, event_at, type, dialect, status, due_at, attempt_count,
    ordering_key, replay_of, created_at)
  select d.team_id, r.id, d.endpoint_id, d.event_id, d.event_at, d.type, d.dialect, 'pending', cast(?2 as bigint), 0, d.ordering_key,
    d.id, cast(?2 as bigint)
  from r cross join delivery d
  where d.team_id = ?1 and d.id = r.original and d.status in ('dead', 'cancelled') and ${IS_NEWEST}
    and d.id in (${Array.from({ length: count }, (_, index) => `?${3 + 2 * index}`).join(', ')})
    and not exists (select 1 from event e where e.team_id = ?1 and e.id = d.event_id and e.pruned_at is not null)
  returning endpoint_id`,
);

/**
 * Adds a replay, due now, to each original that has not been retried meanwhile and whose payload is still there; answers
 * with the endpoint of each.
 */
export async function insertReplays(
  tx: Statements,
  teamId: string,
  rows: readonly { original: string; id: string }[],
  now: number,
): Promise<string[]> {
  await holdEventsOf(
    tx,
    teamId,
    rows.map((row) => row.original),
  );
  // By primary key, for which the ids stand there twice: PostgreSQL may begin with the deliveries. And by delivery_by_event. The body is found by event and dialect, both taken over.
  const made = await inChunks<{ endpoint_id: string }>(
    tx,
    rows.map(({ original, id }) => [original, id]),
    replays,
    [teamId, now],
  );
  return made.map((row) => row.endpoint_id);
}

const dueNow = perCount(
  (count) => `
  update delivery set due_at = ?2
  where team_id = ?1 and id in (${list(count, 3)}) and status = 'failed' and due_at > ?2
  returning endpoint_id`,
);

/** Makes deliveries that still wait for their retry due now; answers with the endpoint of each. */
export async function makeAllDueNow(
  tx: Statements,
  teamId: string,
  ids: readonly string[],
  now: number,
): Promise<string[]> {
  // By primary key.
  const made = await inChunks<{ endpoint_id: string }>(
    tx,
    ids.map((id) => [id]),
    dueNow,
    [teamId, now],
  );
  return made.map((row) => row.endpoint_id);
}

function list(count: number, first: number): string {
  return Array.from({ length: count }, (_, index) => `?${first + index}`).join(', ');
}
