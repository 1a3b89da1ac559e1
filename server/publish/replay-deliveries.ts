import { newId } from '../id.ts';
import type { ReplayRow } from '../model.ts';
import type { Statements, Value } from '../storage/database.ts';
import type { EndpointView } from '../storage/endpoints.ts';
import { insertMissingBodies, insertReplayDeliveries, type PastEvent, readBodyKeys } from '../storage/replay-page.ts';
import { insertAttempts, settleDeliveries } from '../storage/settling.ts';
import type { CommitEventsParts } from './commit-events.ts';
import { orderingKey } from './fan-out.ts';
import type { Reason } from './replay-choice.ts';

/** A past event that is sent again, and why. */
export interface PastSending {
  event: PastEvent;
  reason: Reason;
  /** Its envelope as JSON text. */
  text: string;
}

/** A sending in the dialect it goes out in. */
interface Shaping extends PastSending {
  dialect: string;
  /** Why its body could not be made; null when it could. */
  fault: string | null;
}

/**
 * Adds the deliveries of a page, due now, in the order of the events. A repeated delivery keeps the dialect, and so the bytes,
 * of the one that it repeats; one that is the first of its event gets the endpoint's dialect of today.
 */
export async function makeReplayDeliveries(
  tx: Statements,
  parts: CommitEventsParts,
  replay: ReplayRow,
  endpoint: EndpointView,
  sendings: readonly PastSending[],
  now: number,
): Promise<void> {
  const shapings = sendings.map(
    (sending): Shaping => ({ ...sending, dialect: sending.reason.original?.dialect ?? endpoint.dialect, fault: null }),
  );
  await insertMissingBodies(tx, await missingBodies(tx, parts, replay.team_id, shapings));
  const deliveries: Value[][] = [];
  const settlements: Value[][] = [];
  const attempts: Value[][] = [];
  for (const { event, reason, text, dialect, fault } of shapings) {
    const id = newId('dlv');
    deliveries.push([
      replay.team_id,
      id,
      replay.endpoint_id,
      event.id,
      event.accepted_at,
      event.type,
      dialect,
      'pending',
      now,
      0,
      orderingKey(endpoint, { text }),
      now,
      reason.original?.id ?? null,
      replay.id,
    ]);
    if (fault === null) continue;
    settlements.push([replay.team_id, id, 'dead', now, null, 1, now]);
    attempts.push([replay.team_id, id, 1, now, 0, null, fault, null, null]);
  }
  await insertReplayDeliveries(tx, deliveries);
  await settleDeliveries(tx, settlements);
  await insertAttempts(tx, attempts);
}

/** Rows of the bodies that the events lack in their dialects. One that cannot be made is empty, and its sending has a fault. */
async function missingBodies(
  tx: Statements,
  { catalog, shapeBody }: CommitEventsParts,
  teamId: string,
  shapings: readonly Shaping[],
): Promise<Value[][]> {
  const found = await readBodyKeys(
    tx,
    teamId,
    shapings.map(({ event, dialect }) => [event.id, event.accepted_at, dialect]),
  );
  const known = new Set(found.map(({ event_id, dialect }) => `${event_id} ${dialect}`));
  const rows: Value[][] = [];
  for (const shaping of shapings) {
    const { event, dialect, text } = shaping;
    if (known.has(`${event.id} ${dialect}`)) continue;
    try {
      const type = catalog.types.get(event.type);
      // Without a type there is nothing to shape with: right for a dialect that sends the envelope as it is.
      const body = type === undefined ? null : shapeBody(dialect, text, type);
      if (body !== null) rows.push([teamId, event.id, event.accepted_at, dialect, body]);
    } catch (error) {
      shaping.fault = `the body could not be made in the dialect "${dialect}": ${error instanceof Error ? error.message : error}`;
      rows.push([teamId, event.id, event.accepted_at, dialect, '']);
    }
  }
  return rows;
}
