import { endpointNotFound } from '../../endpoint/endpoint-not-found.ts';
import { removeEndpoint } from '../../endpoint/remove.ts';
import { record } from '../audit.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** DELETE /v1/webhook-endpoints/{id} */
export function deleteEndpoint({ db, clock, signals }: OperationDeps): Operation<'deleteEndpoint'> {
  return async (request) => {
    const {
      path,
      caller: { teamId },
    } = request;
    const removed = await db.transaction(async (tx) => {
      const now = clock.now();
      const wasThere = await removeEndpoint(tx, { teamId, id: path.id }, now);
      if (wasThere) await record(tx, request, { action: 'endpoint.deleted', target: path.id }, now);
      return wasThere;
    });
    if (!removed) throw endpointNotFound(path.id);
    signals.endpointChanged(teamId, path.id);
    return { status: 204 };
  };
}
