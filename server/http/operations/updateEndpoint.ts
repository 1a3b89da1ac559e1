import { updateEndpoint as update } from '../../endpoint/update.ts';
import type { OperationDeps } from '../deps.ts';
import { carryOut } from '../once.ts';
import type { Operation } from '../operation.ts';
import { rightsOf } from '../rights.ts';
import { showEndpoint } from '../show-endpoint.ts';

/** PATCH /v1/webhook-endpoints/{id} */
export function updateEndpoint(deps: OperationDeps): Operation<'updateEndpoint'> {
  return (request) =>
    carryOut<'updateEndpoint'>(deps, request, async (tx, now) => {
      const key = { teamId: request.caller.teamId, id: request.path.id };
      const { endpoint, released } = await update(
        tx,
        deps.rules,
        key,
        request.body,
        rightsOf(deps.catalog, request.caller),
        now,
      );
      return {
        reply: { status: 200, body: { data: showEndpoint(deps.rules.vault, endpoint, now) } },
        resourceId: key.id,
        audit: { action: 'endpoint.updated', target: key.id, changes: request.body },
        afterCommit: () => {
          deps.signals.endpointChanged(key.teamId, key.id);
          if (released) deps.signals.wake(key.teamId, key.id, now);
        },
      };
    });
}
