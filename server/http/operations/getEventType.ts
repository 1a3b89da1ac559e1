import type { OperationDeps } from '../deps.ts';
import { eventTypeOf } from '../event-type-of.ts';
import type { Operation } from '../operation.ts';
import { showEventType } from '../show-event-type.ts';

/** GET /v1/event-types/{name} */
export function getEventType({ catalog }: OperationDeps): Operation<'getEventType'> {
  return async ({ path }) => ({ status: 200, body: { data: showEventType(eventTypeOf(catalog, path.name)) } });
}
