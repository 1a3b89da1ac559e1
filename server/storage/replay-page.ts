/** The statements of a replay's way through past events. */
import type { DeliveryStatus } from '../model.ts';
import type { Statements } from './database.ts';
import { inChunks, insertInto, perCount, placeholders } from './rows.ts';

/** The number of a team's last event, 0 before the first. */
export async function readLastSeq(db: Statements, teamId: string): Promise<number> {
  // By primary key. Every event up to this number is committed, because the numbers are taken in order of commits.
  const row = await db.get<{ last_seq: number }>('select last_seq from team where id = ?1', [teamId]);
  return row?.last_seq ?? 0;
}

/** A team's first event from a number on. */
export function readEventFrom(
  db: Statements,
  teamId: string,
  seq: number,
): Promise<{ seq: number; accepted_at: number } | undefined> {
  // One look-up in the index by seq; numbers of events that were pruned are passed over.
  return db.get('select seq, accepted_at from event where team_id = ?1 and seq >= ?2 order by seq limit 1', [
    teamId,
    seq,
  ]);
}

/** A past event without its text. */
export interface PastEvent {
  seq: number;
  id: string;
  type: string;
  project_id: string | null;
  accepted_at: number;
}

/** A team's real events with numbers from `first` to `last` that were accepted from `since` on and before `until`. */
export function readPastEvents(
  db: Statements,
  teamId: string,
  { first, last, since, until }: { first: number; last: number; since: number; until: number },
): Promise<PastEvent[]> {
  // Forward over the index by seq.
  return db.all(
    `select seq, id, type, project_id, accepted_at from event
     where team_id = ?1 and seq >= ?2 and seq <= ?3 and is_test = 0 and accepted_at >= ?4 and accepted_at < ?5
     order by seq`,
    [teamId, first, last, since, until],
  );
}

/** A delivery of a past event to the endpoint. */
export interface PastDelivery {
  id: string;
  event_id: string;
  status: DeliveryStatus;
  dialect: string;
}

const ofEvents = perCount(
  (count) => `
  with wanted (event_id) as (values ${placeholders(count, 1, 3, ['text'])})
  select d.id as id, d.event_id as event_id, d.status as status, d.dialect as dialect
  from wanted w cross join delivery d
  where d.team_id = ?1 and d.event_id = w.event_id and d.endpoint_id || '' = ?2
  order by d.id`,
);

/**
 * The deliveries of events to an endpoint, by event, oldest first. `|| ''` keeps planners from the index of an endpoint's
 * deliveries, by which each look would read all that it ever got.
 */
export async function readDeliveriesOf(
  db: Statements,
  teamId: string,
  endpointId: string,
  eventIds: readonly string[],
): Promise<Map<string, PastDelivery[]>> {
  const rows = await inChunks<PastDelivery>(
    db,
    eventIds.map((id) => [id]),
    ofEvents,
    [teamId, endpointId],
  );
  return Map.groupBy(rows, (row) => row.event_id);
}

const texts = perCount(
  (count) => `
  with wanted (seq, accepted_at) as (values ${placeholders(count, 2, 2, ['bigint', 'bigint'])})
  select e.id as id, e.envelope as text
  from wanted w cross join event e
  where e.team_id = ?1 and e.seq = w.seq and e.accepted_at = w.accepted_at`,
);

/** The texts of events, by id. */
export async function readTexts(
  db: Statements,
  teamId: string,
  events: readonly PastEvent[],
): Promise<Map<string, string>> {
  const keys = events.map(({ seq, accepted_at }) => [seq, accepted_at]);
  const rows = await inChunks<{ id: string; text: string }>(db, keys, texts, [teamId]);
  return new Map(rows.map(({ id, text }) => [id, text]));
}

const bodies = perCount(
  (count) => `
  with wanted (event_id, dialect) as (values ${placeholders(count, 2, 2, ['text', 'text'])})
  select b.event_id as event_id, b.dialect as dialect
  from wanted w cross join event_body b
  where b.team_id = ?1 and b.event_id = w.event_id and b.dialect = w.dialect`,
);

/** Which of these events have a body of their own in which dialect. */
export function readBodyKeys(
  db: Statements,
  teamId: string,
  wanted: readonly [eventId: string, dialect: string][],
): Promise<{ event_id: string; dialect: string }[]> {
  return inChunks(db, wanted, bodies, [teamId]);
}

/** Bodies of past events in a dialect; one that was frozen meanwhile stays. */
export const insertMissingBodies = insertInto(
  'event_body',
  ['team_id', 'event_id', 'dialect', 'body'],
  'on conflict (team_id, event_id, dialect) do nothing',
);

/** Deliveries that a replay makes, in the order of the columns below. */
export const insertReplayDeliveries = insertInto('delivery', [
  'team_id',
  'id',
  'endpoint_id',
  'event_id',
  'event_at',
  'type',
  'dialect',
  'status',
  'due_at',
  'attempt_count',
  'ordering_key',
  'replay_of',
  'replay_id',
  'created_at',
  'settled_at',
]);
