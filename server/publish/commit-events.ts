import type { Envelope, EventType } from '../catalog/types.ts';
import { newId } from '../id.ts';
import { Problem } from '../problem.ts';
import type { Statements, Value } from '../storage/database.ts';
import {
  armLane,
  holdLanes,
  insertBodies,
  insertDeliveries,
  insertEvents,
  type LaneGate,
  takeSeqs,
} from '../storage/publishing.ts';
import type { AcceptedEvent, Committed } from './accepted.ts';
import { fanOut, type Target } from './fan-out.ts';
import type { CommitKind } from './group-commit.ts';
import { recordReply, repeatedReply } from './repeat.ts';

/** The body that a dialect sends for an event, or null when it is the canonical envelope itself. */
export type ShapeBody = (dialect: string, envelope: Envelope, type: EventType) => string | null;

/**
 * Commits accepted events: in one transaction each event, its deliveries, and their lanes armed.
 * The order of the locks is the same in every group, so that groups of several processes cannot block each other:
 * keys, lanes (sorted), teams (sorted), then rows that nobody else has.
 */
export function commitEvents(shapeBody: ShapeBody): CommitKind<AcceptedEvent, Committed | Problem> {
  return {
    keysOf: (event) => [
      ...(event.keyHash === undefined ? [] : [`id ${event.teamId} ${event.envelope.id}`]),
      ...(event.once === undefined ? [] : [`once ${event.teamId} ${event.once.operation} ${event.once.key}`]),
    ],
    async apply(tx, events) {
      const results = new Map<AcceptedEvent, Committed | Problem>();
      const fresh: AcceptedEvent[] = [];
      for (const event of [...events].sort(byKeys)) {
        const earlier = await repeatedReply(tx, event);
        if (earlier === undefined) fresh.push(event);
        else results.set(event, earlier);
      }
      const teams = Map.groupBy(fresh, (event) => event.teamId);
      for (const teamId of [...teams.keys()].sort()) {
        const ofTeam = teams.get(teamId) ?? [];
        const committed = await commitTeam(tx, teamId, ofTeam, shapeBody);
        ofTeam.forEach((event, index) => {
          const result = committed[index];
          if (result !== undefined) results.set(event, result);
        });
      }
      for (const event of fresh) {
        const result = results.get(event);
        if (event.once !== undefined && result !== undefined && !(result instanceof Problem))
          await recordReply(tx, event.once, result, event.acceptedAt);
      }
      return events.map((event) => results.get(event) ?? lost(event));
    },
  };
}

function byKeys(a: AcceptedEvent, b: AcceptedEvent): number {
  const left = a.once?.key ?? a.envelope.id;
  const right = b.once?.key ?? b.envelope.id;
  return left < right ? -1 : left > right ? 1 : 0;
}

function lost(event: AcceptedEvent): never {
  throw new Error(`event ${event.envelope.id} left the group commit without a result`);
}

async function commitTeam(
  tx: Statements,
  teamId: string,
  events: readonly AcceptedEvent[],
  shapeBody: ShapeBody,
): Promise<(Committed | Problem)[]> {
  const targets = await fanOut(tx, teamId, events);
  const endpointIds = [...new Set(targets.flat().map((target) => target.endpointId))].sort();
  const lanes = await holdLanes(tx, teamId, endpointIds);
  const now = Math.max(...events.map((event) => event.acceptedAt));
  for (const [endpointId, lane] of lanes)
    if (lane.is_open === 1 && (lane.next_due_at === null || lane.next_due_at > now))
      await armLane(tx, teamId, endpointId, now);

  const firstSeq = await takeSeqs(tx, teamId, events.length);
  const rows = { events: [] as Value[][], bodies: [] as Value[][], deliveries: [] as Value[][] };
  const results = events.map((event, index) => {
    // An endpoint deleted since it matched has no lane any more.
    const living = (targets[index] ?? []).filter((target) => lanes.has(target.endpointId));
    if (event.only !== undefined && living.length === 0) return endpointGone(event.only.endpointId);
    return addRows(rows, event, firstSeq + index, living, lanes, shapeBody);
  });
  await insertEvents(tx, rows.events);
  await insertBodies(tx, rows.bodies);
  await insertDeliveries(tx, rows.deliveries);
  return results;
}

/** Adds one event's rows to those of its group. */
function addRows(
  rows: { events: Value[][]; bodies: Value[][]; deliveries: Value[][] },
  event: AcceptedEvent,
  seq: number,
  targets: readonly Target[],
  lanes: ReadonlyMap<string, LaneGate>,
  shapeBody: ShapeBody,
): Committed {
  const { id, type, project_id } = event.envelope;
  const isTest = event.only === undefined ? 0 : 1;
  rows.events.push([event.teamId, seq, id, type, project_id, isTest, targets.length, event.acceptedAt, event.text]);
  for (const dialect of new Set(targets.map((target) => target.dialect))) {
    const body = shapeBody(dialect, event.envelope, event.type);
    if (body !== null) rows.bodies.push([event.teamId, id, dialect, body]);
  }
  const deliveryIds: string[] = [];
  const wake: string[] = [];
  for (const { endpointId, dialect } of targets) {
    const deliveryId = newId('dlv');
    const isOpen = lanes.get(endpointId)?.is_open === 1;
    const status = isOpen ? 'pending' : 'held';
    rows.deliveries.push([
      event.teamId,
      deliveryId,
      endpointId,
      id,
      type,
      dialect,
      status,
      event.acceptedAt,
      0,
      event.acceptedAt,
    ]);
    deliveryIds.push(deliveryId);
    if (isOpen) wake.push(endpointId);
  }
  return { eventId: id, envelope: event.text, deliveries: targets.length, deliveryIds, wake, repeated: false };
}

function endpointGone(endpointId: string): Problem {
  return new Problem(404, 'endpoint_not_found', `There is no endpoint ${endpointId}; it may have just been deleted.`);
}
