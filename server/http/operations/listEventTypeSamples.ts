import type { Envelope, EventType } from '../../catalog/types.ts';
import type { EventScope, Filters } from '../../model.ts';
import type { Database } from '../../storage/database.ts';
import { listEventRows } from '../../storage/events-read.ts';
import type { OperationDeps } from '../deps.ts';
import { eventTypeOf } from '../event-type-of.ts';
import type { components } from '../generated/openapi.ts';
import type { Operation } from '../operation.ts';
import { mayReadPersonal, scopeOf } from '../rights.ts';

/** How many of the latest events are looked through for those that the filters let through. */
const LOOK_BACK = 500;

/** GET /v1/event-types/{name}/samples */
export function listEventTypeSamples({ catalog, db }: OperationDeps): Operation<'listEventTypeSamples'> {
  return async ({ path, query, caller }) => {
    const type = eventTypeOf(catalog, path.name);
    const filters = JSON.parse(query.filters ?? '{}') as Filters;
    const live = await latestEvents(db, type, caller.teamId, { ...query, filters, scope: scopeOf(catalog, caller) });
    const shown = mayReadPersonal(caller)
      ? live
      : live.map((envelope) => ({ ...envelope, data: type.withoutPersonal(envelope.data) }));
    const samples = shown.length > 0 ? shown : type.samples.slice(0, query.limit);
    return { status: 200, body: { data: samples as components['schemas']['Envelope'][] } };
  };
}

async function latestEvents(
  db: Database,
  type: EventType,
  teamId: string,
  wanted: { project_id?: string; filters: Filters; scope: EventScope; limit: number },
): Promise<Envelope[]> {
  const filters = Object.entries(wanted.filters);
  const rows = await listEventRows(db, teamId, {
    type: type.name,
    projectId: wanted.project_id,
    isTest: false,
    scope: wanted.scope,
    limit: filters.length > 0 ? LOOK_BACK : wanted.limit,
  });
  return rows
    .filter((row) => row.pruned_at === null)
    .map((row) => JSON.parse(row.envelope) as Envelope)
    .filter(({ data }) => filters.every(([field, values]) => isAmong(type.filterValue(field, data), values)))
    .slice(0, wanted.limit);
}

/** Whether a value of an event is one of a filter's, which are all text. */
function isAmong(value: unknown, values: readonly string[]): boolean {
  return value !== undefined && value !== null && values.includes(String(value));
}
