/** The statements of a replay's way through past events. */
import type { DeliveryStatus } from '../model.ts';
import type { Statements } from './database.ts';
import { EVENT_BODY, NEW_DELIVERY } from './publishing.ts';
import { inChunks, insertInto, overRows } from './rows.ts';

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
  status: DeliveryStatus;
  dialect: string;
}

/** What an endpoint has had of a past event. */
export interface PastDeliveries {
  newest: PastDelivery | undefined;
  /** One that is still under way. */
  waiting: PastDelivery | undefined;
  /** Whether one was delivered. */
  isDelivered: boolean;
}

/**
 * One look-up in delivery_by_event for each: joined, they were read by team on PostgreSQL while it had no statistics, 320 ms
 * for 64 events among 10,000. `|| ''` keeps it from the index of the endpoint's deliveries.
 */
const ofEvent = (columns: string, more: string) => `(
  select ${columns} from delivery d
  where d.team_id = ?1 and d.event_id = w.event_id and d.endpoint_id || '' = ?2 ${more} limit 1)`;
const DELIVERY = "d.id || ' ' || d.status || ' ' || d.dialect";

const deliveries = overRows(
  ['text'],
  (rows) => `
  with wanted (event_id) as (${rows})
  select w.event_id as event_id, ${ofEvent(DELIVERY, 'order by d.id desc')} as newest,
    ${ofEvent(DELIVERY, "and d.status in ('pending', 'failed', 'held') order by d.id")} as waiting,
    ${ofEvent('1', "and d.status = 'delivered' order by d.id")} as delivered
  from wanted w`,
  2,
);

/** What an endpoint has had of these events, by the event's id. */
export async function readDeliveriesOf(
  db: Statements,
  teamId: string,
  endpointId: string,
  eventIds: readonly string[],
): Promise<Map<string, PastDeliveries>> {
  const rows = await inChunks<{
    event_id: string;
    newest: string | null;
    waiting: string | null;
    delivered: number | null;
  }>(
    db,
    eventIds.map((id) => [id]),
    deliveries,
    [teamId, endpointId],
  );
  return new Map(
    rows.map(({ event_id, newest, waiting, delivered }) => [
      event_id,
      { newest: deliveryOf(newest), waiting: deliveryOf(waiting), isDelivered: delivered !== null },
    ]),
  );
}

function deliveryOf(text: string | null): PastDelivery | undefined {
  if (text === null) return undefined;
  const [id = '', status = '', ...dialect] = text.split(' ');
  return { id, status: status as DeliveryStatus, dialect: dialect.join(' ') };
}

const texts = overRows(
  ['text', 'bigint', 'bigint'],
  (rows) => `
  with wanted (id, seq, accepted_at) as (${rows})
  select w.id as id, (
    select e.envelope from event e where e.team_id = ?1 and e.seq = w.seq and e.accepted_at = w.accepted_at
      and e.pruned_at is null limit 1) as text
  from wanted w`,
  1,
);

/** The texts of events, by id, null where the payload was pruned; one look-up by seq for each. */
export async function readTexts(
  db: Statements,
  teamId: string,
  events: readonly PastEvent[],
): Promise<Map<string, string | null>> {
  const keys = events.map(({ id, seq, accepted_at }) => [id, seq, accepted_at]);
  const rows = await inChunks<{ id: string; text: string | null }>(db, keys, texts, [teamId]);
  return new Map(rows.map(({ id, text }) => [id, text]));
}

const bodies = overRows(
  ['text', 'bigint', 'text'],
  (rows) => `
  with wanted (event_id, accepted_at, dialect) as (${rows})
  select w.event_id as event_id, w.dialect as dialect, (
    select 1 from event_body b where b.team_id = ?1 and b.event_id = w.event_id and b.dialect = w.dialect
      and b.accepted_at = w.accepted_at limit 1) as found
  from wanted w`,
  1,
);

/** Which of these events have a body of their own in which dialect; one look-up by primary key for each. */
export async function readBodyKeys(
  db: Statements,
  teamId: string,
  wanted: readonly [eventId: string, acceptedAt: number, dialect: string][],
): Promise<{ event_id: string; dialect: string }[]> {
  const rows = await inChunks<{ event_id: string; dialect: string; found: number | null }>(db, wanted, bodies, [
    teamId,
  ]);
  return rows.filter(({ found }) => found !== null);
}

/** Bodies of past events in a dialect; one that was frozen meanwhile stays. */
export const insertMissingBodies = insertInto('event_body', EVENT_BODY, 'on conflict do nothing');

/** Deliveries that a replay makes, in the order of the columns below. */
export const insertReplayDeliveries = insertInto('delivery', { ...NEW_DELIVERY, replay_of: 'text', replay_id: 'text' });
