import { hash } from 'node:crypto';
import { nameIn } from '../catalog/dialect-names.ts';
import { pointerSegments, valueAt } from '../catalog/json-pointer.ts';
import type { Catalog, Envelope, EventType } from '../catalog/types.ts';
import type { Filters } from '../model.ts';
import type { Statements } from '../storage/database.ts';
import { holdLanes, holdMatched, type LaneGate, type Match, matchEndpoints } from '../storage/publishing.ts';
import type { AcceptedEvent, Target } from './accepted.ts';

/** A longer ordering key is stored as its hash. */
const LONGEST_KEY = 200;

/** Which endpoints get each event, and their lanes, which are held until the transaction ends. */
export interface FanOut {
  targets: Target[][];
  lanes: ReadonlyMap<string, LaneGate>;
}

/**
 * Finds the endpoints of each event, inside the transaction that commits it: exact names, `family.*` and `*`
 * (the last two not for built-in types), of the event's project or of every project, whose filters let it through.
 * All events must be the same team's. An endpoint that was deleted meanwhile has no lane any more.
 */
export async function fanOut(
  tx: Statements,
  catalog: Catalog,
  teamId: string,
  events: readonly AcceptedEvent[],
): Promise<FanOut> {
  const wanted = new Map<string, [string, string]>();
  for (const event of events) {
    if (event.only !== undefined) continue;
    for (const pattern of patternsOf(typeOf(catalog, event)))
      for (const project of projectsOf(event)) wanted.set(keyOf(pattern, project), [pattern, project]);
  }
  const patterns = [...wanted.values()];
  // Asked for at once; what the second takes for a match and the first does not, its settings having changed in between, is let be.
  const [matching, held] = await Promise.all([matchEndpoints(tx, teamId, patterns), holdMatched(tx, teamId, patterns)]);
  const found = new Map<string, Match[]>();
  for (const match of matching) {
    const key = keyOf(match.pattern, match.project_id);
    const matches = found.get(key);
    if (matches === undefined) found.set(key, [match]);
    else matches.push(match);
  }
  const targets = events.map((event) => targetsOf(catalog, event, typeOf(catalog, event), found));
  const endpointIds = [...new Set(targets.flat().map((target) => target.endpointId))].sort();
  const others = await holdLanes(
    tx,
    teamId,
    endpointIds.filter((id) => !held.has(id)),
  );
  const lanes = new Map<string, LaneGate>();
  for (const id of endpointIds) {
    const lane = held.get(id) ?? others.get(id);
    if (lane !== undefined) lanes.set(id, lane);
  }
  return { targets, lanes };
}

function typeOf(catalog: Catalog, event: AcceptedEvent): EventType {
  const type = catalog.types.get(event.type);
  if (type === undefined) throw new Error(`${event.type} is not in the catalog of the committer`);
  return type;
}

function targetsOf(
  catalog: Catalog,
  event: AcceptedEvent,
  type: EventType,
  found: ReadonlyMap<string, Match[]>,
): Target[] {
  if (event.only !== undefined) return [event.only];
  const targets = new Map<string, Target>();
  // A wildcard also covers what the vendor does not have.
  for (const pattern of patternsOf(type))
    for (const project of projectsOf(event))
      for (const match of found.get(keyOf(pattern, project)) ?? [])
        if (
          !isBarred(match, type) &&
          nameIn(catalog, match.dialect, type) !== undefined &&
          passes(match.filters, type, event)
        )
          targets.set(match.endpoint_id, {
            endpointId: match.endpoint_id,
            dialect: match.dialect,
            orderingKey: orderingKey(match, event),
          });
  return [...targets.values()];
}

/** Whether an endpoint's maker may not have events of a type, so that its patterns do not cover them. */
export function isBarred({ barred }: { barred: string | null }, type: Pick<EventType, 'family'>): boolean {
  return barred !== null && (JSON.parse(barred) as string[]).includes(type.family);
}

/** The patterns under which an event type may be subscribed. */
function patternsOf(type: EventType): string[] {
  if (type.set === 'system') return [type.name];
  return [type.name, `${type.name.split('.', 1)[0]}.*`, '*'];
}

function projectsOf(event: AcceptedEvent): string[] {
  return event.projectId === null ? [''] : ['', event.projectId];
}

function keyOf(pattern: string, project: string): string {
  return `${pattern}\n${project}`;
}

/** What orders an event at an endpoint: the JSON of the value at its pointer; '' where the whole endpoint is one order. */
export function orderingKey(
  { ordered, ordering_key: pointer }: Pick<Match, 'ordered' | 'ordering_key'>,
  event: Pick<AcceptedEvent, 'text'>,
): string | null {
  if (ordered === 0) return null;
  if (pointer === null) return '';
  const value = valueAt(JSON.parse(event.text), pointerSegments(pointer) ?? []);
  const key = JSON.stringify(value ?? null);
  return key.length <= LONGEST_KEY ? key : hash('sha256', key);
}

/** AND across fields, OR within a field's values; a type that lacks the field does not pass. */
export function passes(filters: string | null, type: EventType, event: Pick<AcceptedEvent, 'text'>): boolean {
  if (filters === null) return true;
  const { data } = JSON.parse(event.text) as Envelope;
  return Object.entries(JSON.parse(filters) as Filters).every(([field, values]) => {
    const value = type.filterValue(field, data);
    return value !== undefined && value !== null && values.includes(String(value));
  });
}
