import { endpointNotFound } from '../../endpoint/endpoint-not-found.ts';
import { removeEndpoint } from '../../endpoint/remove.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** DELETE /v1/webhook-endpoints/{id} */
export function deleteEndpoint({ db, clock, signals }: OperationDeps): Operation<'deleteEndpoint'> {
  return async ({ path, caller: { teamId } }) => {
    const removed = await db.transaction((tx) => removeEndpoint(tx, { teamId, id: path.id }, clock.now()));
    if (!removed) throw endpointNotFound(path.id);
    signals.endpointChanged(teamId, path.id);
    return { status: 204 };
  };
}
