import { createHash } from 'node:crypto';
import type { Envelope } from '../catalog/types.ts';
import { Problem } from '../problem.ts';
import type { Statements } from '../storage/database.ts';
import { claim, idempotencyKeyReused, record } from '../storage/idempotency.ts';
import { readAccepted, readEventKey, takeEventKey } from '../storage/publishing.ts';
import type { AcceptedEvent, Committed, Refused } from './accepted.ts';

/** How long a publisher's own id is remembered. */
const KEY_LIFE_MS = 30 * 24 * 3600 * 1000;

/**
 * The earlier answer for an event that was published before, under the same Idempotency-Key or the same id of the
 * publisher's; a refusal when the content differs; undefined when the event is new (its keys are then taken).
 */
export async function earlierAnswer(tx: Statements, event: AcceptedEvent): Promise<Committed | Refused | undefined> {
  if (event.once !== undefined) {
    const earlier = await claim(tx, event.once, event.acceptedAt);
    if (earlier !== undefined) {
      if (earlier.hash !== event.once.hash) return refuse(idempotencyKeyReused(event.once.key));
      const { eventId, deliveryIds } = JSON.parse(earlier.reply) as { eventId: string; deliveryIds: string[] };
      return repeat(tx, event, eventId, deliveryIds[0] ?? null);
    }
  }
  if (event.keyHash === undefined) return undefined;
  if (await takeEventKey(tx, event.teamId, event.id, event.keyHash, event.acceptedAt + KEY_LIFE_MS)) {
    // An id that this server once made, or one whose key has been forgotten, is taken all the same.
    const taken = await readAccepted(tx, event.teamId, event.id);
    return taken === undefined ? undefined : idTaken(event.id);
  }
  const earlier = await readEventKey(tx, event.teamId, event.id);
  if (earlier?.hash !== event.keyHash) return idTaken(event.id);
  return repeat(tx, event, earlier.event_id, null);
}

/** Remembers the answer for an Idempotency-Key, in the transaction that commits the event. */
export async function recordAnswer(
  tx: Statements,
  event: AcceptedEvent,
  result: Committed | Refused | undefined,
): Promise<void> {
  if (event.once === undefined || result === undefined || 'refused' in result) return;
  const reply = JSON.stringify({
    eventId: result.eventId,
    deliveryIds: result.firstDelivery === null ? [] : [result.firstDelivery],
  });
  const kept = { status: 202, headers: '{}', reply, isSealed: false, resourceId: null };
  await record(tx, event.once, kept, event.acceptedAt);
}

/** A hash of an event's content that does not depend on the order of keys, so that a publisher may serialise as it likes. */
export function contentHash(content: unknown): string {
  return createHash('sha256').update(canonical(content)).digest('base64url');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

async function repeat(
  tx: Statements,
  event: AcceptedEvent,
  eventId: string,
  firstDelivery: string | null,
): Promise<Committed | Refused> {
  const earlier = await readAccepted(tx, event.teamId, eventId);
  if (earlier === undefined) return eventPruned(eventId);
  const { deliveries } = earlier;
  // The same content was sent again, so what was pruned of the earlier answer is at hand.
  const envelope = earlier.pruned_at === null ? earlier.envelope : withData(earlier.envelope, event.text);
  return { eventId, envelope, deliveries, firstDelivery, wake: [], repeated: true };
}

function withData(envelope: string, text: string): string {
  return JSON.stringify({ ...JSON.parse(envelope), data: (JSON.parse(text) as Envelope).data });
}

function eventPruned(id: string): Refused {
  return refuse(
    new Problem(
      409,
      'event_id_taken',
      `An event with id "${id}" was published before, and has been pruned since. Use a new id for a new event.`,
    ),
  );
}

function idTaken(id: string): Refused {
  return refuse(
    new Problem(
      409,
      'event_id_taken',
      `An event with id "${id}" was published before with other content. Use a new id for a new event, or send the same content to repeat it safely.`,
    ),
  );
}

function refuse({ status, code, message }: Problem): Refused {
  return { refused: { status, code, detail: message } };
}
