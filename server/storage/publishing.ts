/** The statements of a publish: which endpoints match, their lanes, the team's next numbers, the rows of an event. */
import type { ColumnType, Statements, Value } from './database.ts';
import { inChunks, insertInto, overRows, perCount } from './rows.ts';

/** An endpoint that subscribes a pattern; what else it asks for is checked by the caller. */
export interface Match {
  pattern: string;
  project_id: string;
  endpoint_id: string;
  /** JSON of Filters, or null. */
  filters: string | null;
  dialect: string;
  ordered: number;
  ordering_key: string | null;
  /** JSON array of families that it may not have, or null. */
  barred: string | null;
}

const WANTED = ['text', 'text', 'text'] as const;

// The subscriptions first, as a step of its own, and the team from the list too: PostgreSQL would begin with all endpoints of
// the team, or all of its subscriptions, while it believes that these are few.
const subscribed = (rows: string): string => `
  with wanted (team_id, pattern, project_id) as (${rows}),
  x as materialized (
    select s.team_id, s.pattern, s.project_id, s.endpoint_id from wanted w cross join endpoint_event s
    where s.team_id = w.team_id and s.pattern = w.pattern and s.project_id = w.project_id)`;

const matching = overRows(
  WANTED,
  (rows) => `${subscribed(rows)}
  select x.pattern as pattern, x.project_id as project_id, e.id as endpoint_id, e.filters as filters,
    e.dialect as dialect, e.ordered as ordered, e.ordering_key as ordering_key, e.barred as barred
  from x cross join endpoint e
  where e.team_id = x.team_id and e.id = x.endpoint_id`,
);

/** The team's endpoints for each (pattern, project_id) wanted, some more than once; project_id '' finds those that take every project. */
export function matchEndpoints(tx: Statements, teamId: string, wanted: [string, string][]): Promise<Match[]> {
  return inChunks(tx, rowsOf(teamId, wanted), matching, [], true);
}

function rowsOf(teamId: string, wanted: [string, string][]): Value[][] {
  return wanted.map((one) => [teamId, ...one]);
}

/** What a commit needs to know of a lane. */
export interface LaneGate {
  endpoint_id: string;
  /** 0 where new deliveries are held: the lane is closed, or still releases those before them. */
  is_open: number;
  next_due_at: number | null;
  fence: number;
}

const GATE = 'l.endpoint_id as endpoint_id, l.is_open * (1 - l.is_releasing) as is_open, l.next_due_at, l.fence';

const gates = perCount(
  (count) => `
  select ${GATE} from lane l
  where l.team_id = ?1 and l.endpoint_id in (${Array.from({ length: count }, (_, i) => `?${i + 2}`).join(', ')})
  order by l.endpoint_id /*+ for key share */`,
);

/**
 * Reads the lanes and holds them against going idle, being paused or deleted until this transaction ends. The lock
 * is shared among committers and with lease renewals; only `for update` waits for it.
 * `endpointIds` must be sorted.
 */
export async function holdLanes(
  tx: Statements,
  teamId: string,
  endpointIds: readonly string[],
): Promise<Map<string, LaneGate>> {
  const rows = await inChunks<LaneGate>(
    tx,
    endpointIds.map((id) => [id]),
    gates,
    [teamId],
    true,
  );
  return new Map(rows.map((row) => [row.endpoint_id, row]));
}

const matchedGates = overRows(
  WANTED,
  (rows) => `${subscribed(rows)}
  select ${GATE} from x cross join endpoint e cross join lane l
  where e.team_id = x.team_id and e.id = x.endpoint_id and e.filters is null
    and l.team_id = x.team_id and l.endpoint_id = x.endpoint_id
  order by l.endpoint_id /*+ for key share of l */`,
);

/**
 * Holds, as `holdLanes` does, the lanes of endpoints that match and have no filters: nearly all that will get the event. Asked for
 * together with `matchEndpoints`, it saves the way there and back.
 */
export async function holdMatched(
  tx: Statements,
  teamId: string,
  wanted: [string, string][],
): Promise<Map<string, LaneGate>> {
  const rows = await inChunks<LaneGate>(tx, rowsOf(teamId, wanted), matchedGates, [], true);
  return new Map(rows.map((row) => [row.endpoint_id, row]));
}

/** Arms a lane: it is due at `dueAt`, unless it already is due earlier. */
export async function armLane(tx: Statements, teamId: string, endpointId: string, dueAt: number): Promise<void> {
  // Changes nothing, and writes nothing, when the lane is armed for that time or before.
  await tx.run(
    'update lane set next_due_at = ?3 where team_id = ?1 and endpoint_id = ?2 and (next_due_at is null or next_due_at > ?3)',
    [teamId, endpointId, dueAt],
  );
}

/** Takes the next `count` numbers of a team's sequence and answers with the first of them. Holds the team's row. */
export async function takeSeqs(tx: Statements, teamId: string, count: number): Promise<number> {
  // Commit order is seq order, because the row is held until the commit.
  const row = await tx.get<{ last_seq: number }>(
    'update team set last_seq = last_seq + ?2 where id = ?1 returning last_seq',
    [teamId, count],
  );
  if (row === undefined) throw new Error(`team ${teamId} is not in the database`);
  return row.last_seq - count + 1;
}

/** What an event has beside its team and its number. */
export const EVENT = {
  id: 'text',
  type: 'text',
  project_id: 'text',
  is_test: 'bigint',
  deliveries: 'bigint',
  accepted_at: 'bigint',
  envelope: 'text',
  traceparent: 'text',
} as const satisfies Record<string, ColumnType>;
const EVENT_COLUMNS = Object.keys(EVENT).join(', ');

// Without a team there is no number, and the row is refused.
const events = overRows(
  ['bigint', ...Object.values(EVENT)],
  (rows) => `
  with e (back, ${EVENT_COLUMNS}) as (${rows})
  insert into event (team_id, seq, ${EVENT_COLUMNS})
  select ?1, (select last_seq from team where id = ?1) - e.back, ${EVENT_COLUMNS} from e`,
  1,
);

/**
 * Events of a team under numbers that this transaction has taken before: rows of how far the event's number is before the last one,
 * then its columns in the order above.
 */
export async function insertEvents(tx: Statements, teamId: string, rows: readonly (readonly Value[])[]): Promise<void> {
  await inChunks(tx, rows, events, [teamId]);
}

/** An event's body in a dialect. */
export const EVENT_BODY = {
  team_id: 'text',
  event_id: 'text',
  accepted_at: 'bigint',
  dialect: 'text',
  body: 'text',
} as const satisfies Record<string, ColumnType>;

/** Bodies of dialects that do not send the canonical envelope. */
export const insertBodies = insertInto('event_body', EVENT_BODY);

/** What every new delivery has. */
export const NEW_DELIVERY = {
  team_id: 'text',
  id: 'text',
  endpoint_id: 'text',
  event_id: 'text',
  event_at: 'bigint',
  type: 'text',
  dialect: 'text',
  status: 'text',
  due_at: 'bigint',
  attempt_count: 'bigint',
  ordering_key: 'text',
  created_at: 'bigint',
} as const satisfies Record<string, ColumnType>;

/** New deliveries, in the order of the columns above. */
export const insertDeliveries = insertInto('delivery', NEW_DELIVERY);

/** What a publisher's own id stands for. */
export interface EventKey {
  hash: string;
  event_id: string;
}

/** Takes a publisher's own id for an event; false when it is taken, by this or an earlier transaction. */
export async function takeEventKey(
  tx: Statements,
  teamId: string,
  key: string,
  hash: string,
  expiresAt: number,
): Promise<boolean> {
  // A twin in another transaction waits here for the first to commit or roll back.
  const changed = await tx.run(
    'insert into event_key (team_id, key, hash, event_id, expires_at) values (?1, ?2, ?3, ?2, ?4) on conflict (team_id, key) do nothing',
    [teamId, key, hash, expiresAt],
  );
  return changed === 1;
}

/** The content that a publisher's own id stands for, if it is known. */
export function readEventKey(tx: Statements, teamId: string, key: string): Promise<EventKey | undefined> {
  // By primary key.
  return tx.get('select hash, event_id from event_key where team_id = ?1 and key = ?2', [teamId, key] as Value[]);
}

/** An event that was accepted before, for an answer that repeats. */
export function readAccepted(
  tx: Statements,
  teamId: string,
  id: string,
): Promise<{ envelope: string; deliveries: number; pruned_at: number | null } | undefined> {
  // By primary key.
  return tx.get('select envelope, deliveries, pruned_at from event where team_id = ?1 and id = ?2', [teamId, id]);
}
