import { endpointNotFound } from '../../endpoint/endpoint-not-found.ts';
import { readEndpoint } from '../../storage/endpoints.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';
import { showEndpoint } from '../show-endpoint.ts';

/** GET /v1/webhook-endpoints/{id} */
export function getEndpoint({ db, clock, rules }: OperationDeps): Operation<'getEndpoint'> {
  return async ({ path, caller }) => {
    const row = await readEndpoint(db, caller.teamId, path.id);
    if (row === undefined) throw endpointNotFound(path.id);
    return { status: 200, body: { data: showEndpoint(rules.vault, row, clock.now()) } };
  };
}
