import { listEndpointRows } from '../../storage/endpoints.ts';
import { idBefore, pageOf } from '../cursor.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';
import { showEndpoint } from '../show-endpoint.ts';

/** GET /v1/webhook-endpoints */
export function listEndpoints({ db, clock, rules }: OperationDeps): Operation<'listEndpoints'> {
  return async ({ query, caller }) => {
    const found = await listEndpointRows(db, caller.teamId, {
      kind: query.kind,
      state: query.state,
      beforeId: idBefore('endpoints', query.cursor),
      projects: caller.projects,
      limit: query.limit + 1,
    });
    const { rows, next_cursor } = pageOf('endpoints', found, query.limit, (row) => row.id);
    return { status: 200, body: { data: rows.map((row) => showEndpoint(rules.vault, row, clock.now())), next_cursor } };
  };
}
