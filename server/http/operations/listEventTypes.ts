import { summaryOf } from '../../catalog/summary.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** GET /v1/event-types */
export function listEventTypes({ catalog }: OperationDeps): Operation<'listEventTypes'> {
  return async ({ query }) => {
    const types = [...catalog.types.values()]
      .filter((type) => query.family === undefined || type.family === query.family)
      .filter((type) => query.set === undefined || type.set === query.set);
    return { status: 200, body: { data: types.map(summaryOf), next_cursor: null } };
  };
}
