import { summaryOf } from '../../catalog/summary.ts';
import type { OperationDeps } from '../deps.ts';
import { eventTypeOf } from '../event-type-of.ts';
import type { Operation } from '../operation.ts';

/** GET /v1/event-types/{name} */
export function getEventType({ catalog }: OperationDeps): Operation<'getEventType'> {
  return async ({ path }) => ({ status: 200, body: { data: summaryOf(eventTypeOf(catalog, path.name)) } });
}
