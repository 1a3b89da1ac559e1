/** The statements of an erasure: a team's events that may be about a person, and everything that was made from them. */
import type { Statements, Value } from './database.ts';

/** An event that has one of the words in it. */
export interface MarkedEvent {
  id: string;
  type: string;
  envelope: string;
}

/**
 * A team's events with numbers from `first` to `last` whose payload is there and has one of the words in it, in whatever case.
 * They are held until the transaction ends, so that no replay reads what they were and freezes it anew.
 */
export function takeMarkedEvents(
  tx: Statements,
  teamId: string,
  { first, last }: { first: number; last: number },
  words: readonly string[],
): Promise<MarkedEvent[]> {
  const params: Value[] = [teamId, first, last, ...words.map((word) => `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`)];
  const hasOne = words.map((_, index) => `lower(envelope) like lower(?${index + 4}) escape '\\'`).join(' or ');
  // A range of event_by_seq; each text in it is searched.
  return tx.all(
    `select id, type, envelope from event where team_id = ?1 and seq >= ?2 and seq <= ?3 and pruned_at is null
       and (${hasOne}) order by id /*+ for update */`,
    params,
  );
}

/** Puts another text in place of an event's. */
export async function replaceEnvelope(
  tx: Statements,
  teamId: string,
  eventId: string,
  envelope: string,
  prunedAt: number | null,
): Promise<void> {
  // By primary key.
  await tx.run('update event set envelope = ?3, pruned_at = ?4 where team_id = ?1 and id = ?2', [
    teamId,
    eventId,
    envelope,
    prunedAt,
  ]);
}

/** The forms in which an event's body is frozen. */
export async function readBodyForms(tx: Statements, teamId: string, eventId: string): Promise<string[]> {
  // Over the primary key, which has all that is read.
  const rows = await tx.all<{ dialect: string }>(
    'select dialect from event_body where team_id = ?1 and event_id = ?2 order by dialect',
    [teamId, eventId],
  );
  return rows.map(({ dialect }) => dialect);
}

/** Puts another body in place of a frozen one. */
export async function replaceBody(
  tx: Statements,
  teamId: string,
  eventId: string,
  form: string,
  body: string,
): Promise<void> {
  // By primary key.
  await tx.run('update event_body set body = ?4 where team_id = ?1 and event_id = ?2 and dialect = ?3', [
    teamId,
    eventId,
    form,
    body,
  ]);
}

/** Forgets what receivers replied to an event's deliveries. @returns how many attempts had a reply kept. */
export function forgetReplies(tx: Statements, teamId: string, eventId: string): Promise<number> {
  // The deliveries by delivery_by_event, their attempts by primary key.
  return tx.run(
    `update attempt set reply_headers = null, reply_body = null
     where team_id = ?1 and (reply_headers is not null or reply_body is not null)
       and delivery_id in (select id from delivery where team_id = ?1 and event_id = ?2)`,
    [teamId, eventId],
  );
}

/** What orders an event's deliveries in ordered endpoints. */
export async function readOrderingKeys(tx: Statements, teamId: string, eventId: string): Promise<string[]> {
  // By delivery_by_event.
  const rows = await tx.all<{ ordering_key: string }>(
    `select distinct ordering_key from delivery where team_id = ?1 and event_id = ?2 and ordering_key is not null`,
    [teamId, eventId],
  );
  return rows.map((row) => row.ordering_key);
}

/** Puts another ordering key in place of one. */
export async function replaceOrderingKey(
  tx: Statements,
  teamId: string,
  eventId: string,
  key: string,
  by: string,
): Promise<void> {
  // By delivery_by_event.
  await tx.run('update delivery set ordering_key = ?4 where team_id = ?1 and event_id = ?2 and ordering_key = ?3', [
    teamId,
    eventId,
    key,
    by,
  ]);
}
