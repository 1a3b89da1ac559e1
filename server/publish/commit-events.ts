import type { Catalog, EventType } from '../catalog/types.ts';
import { newId } from '../id.ts';
import { close } from '../storage/closing.ts';
import type { Statements, Value } from '../storage/database.ts';
import {
  armLane,
  insertBodies,
  insertDeliveries,
  insertEvents,
  type LaneGate,
  takeSeqs,
} from '../storage/publishing.ts';
import { insertAttempts, settleDeliveries } from '../storage/settling.ts';
import type { AcceptedEvent, Committed, Refused, Target } from './accepted.ts';
import { fanOut } from './fan-out.ts';
import type { CommitKind } from './group-commit.ts';
import { earlierAnswer, recordAnswer } from './repeat.ts';

/** What committing events needs to know of the world. */
export interface CommitEventsParts {
  catalog: Catalog;
  /** The body that a dialect sends for an event (`text` is its envelope), or null when it is that text itself. */
  shapeBody(dialect: string, text: string, type: EventType): string | null;
}

/**
 * Commits accepted events: in one transaction each event, its deliveries, and their lanes armed.
 * The order of the locks is the same in every group, so that groups of several processes cannot block each other:
 * keys, lanes (sorted), teams (sorted), then rows that nobody else has.
 */
export function commitEvents(parts: CommitEventsParts): CommitKind<AcceptedEvent, Committed | Refused> {
  return async (tx, events) => {
    const results = new Map<AcceptedEvent, Committed | Refused>();
    const fresh: AcceptedEvent[] = [];
    const sorted = [...events].sort(byKeys);
    // Asked for at once, in this order.
    const earlier = await Promise.all(sorted.map((event) => (hasKeys(event) ? earlierAnswer(tx, event) : undefined)));
    sorted.forEach((event, index) => {
      const answer = earlier[index];
      if (answer === undefined) fresh.push(event);
      else results.set(event, answer);
    });
    const teams = Map.groupBy(fresh, (event) => event.teamId);
    for (const teamId of [...teams.keys()].sort()) {
      const ofTeam = teams.get(teamId) ?? [];
      const committed = await commitTeam(tx, teamId, ofTeam, parts);
      for (const [event, result] of committed) results.set(event, result);
    }
    return events.map((event) => results.get(event) ?? lost(event));
  };
}

/** Keys of an accepted event: two that share one are not committed in the same group. */
export function keysOf(event: AcceptedEvent): string[] {
  const keys: string[] = [];
  if (event.keyHash !== undefined) keys.push(`id ${event.teamId} ${event.id}`);
  if (event.once !== undefined) keys.push(`once ${event.teamId} ${event.once.operation} ${event.once.key}`);
  return keys;
}

function hasKeys(event: AcceptedEvent): boolean {
  return event.keyHash !== undefined || event.once !== undefined;
}

function byKeys(a: AcceptedEvent, b: AcceptedEvent): number {
  const left = a.once?.key ?? a.id;
  const right = b.once?.key ?? b.id;
  return left < right ? -1 : left > right ? 1 : 0;
}

function lost(event: AcceptedEvent): never {
  throw new Error(`event ${event.id} left the group commit without a result`);
}

/** Rows of a group, as they are inserted. */
interface Rows {
  /** Without their numbers, which are taken last. */
  events: Value[][];
  bodies: Value[][];
  deliveries: Value[][];
  /** Deliveries whose body could not be made: how they are settled, and their one attempt, which was never sent. */
  unshaped: { settlements: Value[][]; attempts: Value[][] };
}

async function commitTeam(
  tx: Statements,
  teamId: string,
  events: readonly AcceptedEvent[],
  parts: CommitEventsParts,
): Promise<Map<AcceptedEvent, Committed | Refused>> {
  const { targets, lanes } = await fanOut(tx, parts.catalog, teamId, events);
  const now = Math.max(...events.map((event) => event.acceptedAt));
  const armed = [...lanes]
    .filter(([, { is_open: isOpen, next_due_at: next }]) => isOpen === 1 && (next === null || next > now))
    .map(([endpointId]) => armLane(tx, teamId, endpointId, now));
  const rows: Rows = { events: [], bodies: [], deliveries: [], unshaped: { settlements: [], attempts: [] } };
  const results = new Map<AcceptedEvent, Committed | Refused>();
  events.forEach((event, index) => {
    // An endpoint deleted since it matched has no lane any more.
    const living = (targets[index] ?? []).filter((target) => lanes.has(target.endpointId));
    if (event.only !== undefined && living.length === 0) results.set(event, endpointGone(event.only));
    else results.set(event, addRows(rows, event, living, lanes, parts));
  });
  // Asked for at once, and done in this order: lanes come before teams. Nobody else of the team can number events from there to the
  // commit, so all that needs no number comes first.
  const written = Promise.all([
    ...armed,
    insertBodies(tx, rows.bodies),
    insertDeliveries(tx, rows.deliveries),
    takeSeqs(tx, teamId, rows.events.length),
    insertEvents(
      tx,
      teamId,
      rows.events.map((row, index) => [rows.events.length - 1 - index, ...row]),
    ),
    ...events.map((event) => recordAnswer(tx, event, results.get(event))),
  ]);
  if (rows.unshaped.settlements.length > 0) {
    await written;
    await settleDeliveries(tx, rows.unshaped.settlements);
    await insertAttempts(tx, rows.unshaped.attempts);
  }
  await close(tx, written);
  return results;
}

/** Adds one event's rows to those of its group. */
function addRows(
  rows: Rows,
  event: AcceptedEvent,
  targets: readonly Target[],
  lanes: ReadonlyMap<string, LaneGate>,
  parts: CommitEventsParts,
): Committed {
  const { id, type, teamId, acceptedAt } = event;
  const isTest = event.isTest ? 1 : 0;
  rows.events.push([id, type, event.projectId, isTest, targets.length, acceptedAt, event.text, event.traceparent]);
  const shaped = new Map<string, Shaped>();
  for (const { dialect } of targets) {
    if (shaped.has(dialect)) continue;
    const one = shapeBody(parts, dialect, event);
    if (one.body !== null) rows.bodies.push([teamId, id, acceptedAt, dialect, one.body]);
    shaped.set(dialect, one);
  }
  const wake: Committed['wake'] = [];
  let firstDelivery: string | null = null;
  for (const { endpointId, dialect, orderingKey } of targets) {
    const deliveryId = newId('dlv');
    firstDelivery ??= deliveryId;
    const isOpen = lanes.get(endpointId)?.is_open === 1;
    const status = isOpen ? 'pending' : 'held';
    rows.deliveries.push([
      teamId,
      deliveryId,
      endpointId,
      id,
      acceptedAt,
      type,
      dialect,
      status,
      acceptedAt,
      0,
      orderingKey,
      acceptedAt,
    ]);
    const { body = null, fault = null } = shaped.get(dialect) ?? {};
    if (fault !== null) {
      rows.unshaped.settlements.push([teamId, deliveryId, 'dead', acceptedAt, null, 1, acceptedAt]);
      rows.unshaped.attempts.push([teamId, deliveryId, 1, acceptedAt, 0, null, fault, null, null]);
    } else if (isOpen) wake.push({ id: deliveryId, endpointId, dialect, orderingKey, body });
  }
  return { eventId: id, envelope: null, deliveries: targets.length, firstDelivery, wake, repeated: false };
}

/** The body of an event in a dialect: null when it is the event's own text. */
interface Shaped {
  body: string | null;
  /** Why there is none; `body` is then empty, so that a retry finds nothing to send either. */
  fault: string | null;
}

/** Shapes a body. A dialect that throws costs its own deliveries, which are dead with the reason, and nobody else's. */
function shapeBody(parts: CommitEventsParts, dialect: string, event: AcceptedEvent): Shaped {
  const type = parts.catalog.types.get(event.type);
  if (type === undefined) return { body: null, fault: null };
  try {
    return { body: parts.shapeBody(dialect, event.text, type), fault: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { body: '', fault: `the body could not be made in the dialect "${dialect}": ${reason}` };
  }
}

function endpointGone({ endpointId }: Target): Refused {
  const detail = `There is no endpoint ${endpointId}; it may have just been deleted.`;
  return { refused: { status: 404, code: 'endpoint_not_found', detail } };
}
