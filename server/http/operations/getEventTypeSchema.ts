import type { OperationDeps } from '../deps.ts';
import { eventTypeOf } from '../event-type-of.ts';
import type { Operation } from '../operation.ts';

/** GET /v1/event-types/{name}/schema */
export function getEventTypeSchema({ catalog }: OperationDeps): Operation<'getEventTypeSchema'> {
  return async ({ path, origin }) => {
    const type = eventTypeOf(catalog, path.name);
    return {
      status: 200,
      body: {
        title: type.label,
        ...type.schema,
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: `${origin()}/v1/event-types/${encodeURIComponent(type.name)}/schema`,
      },
    };
  };
}
