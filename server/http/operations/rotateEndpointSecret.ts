import { rotateSecret } from '../../endpoint/rotate-secret.ts';
import type { OperationDeps } from '../deps.ts';
import { carryOut } from '../once.ts';
import type { Operation } from '../operation.ts';
import { showEndpoint } from '../show-endpoint.ts';

/** POST /v1/webhook-endpoints/{id}/rotate-secret */
export function rotateEndpointSecret(deps: OperationDeps): Operation<'rotateEndpointSecret'> {
  return (request) =>
    carryOut<'rotateEndpointSecret'>(deps, request, async (tx, now) => {
      const key = { teamId: request.caller.teamId, id: request.path.id };
      const { endpoint, secret } = await rotateSecret(
        tx,
        deps.rules.vault,
        key,
        request.body.old_secret_valid_for,
        now,
      );
      return {
        reply: { status: 200, body: { data: showEndpoint(deps.rules.vault, endpoint, now), secret } },
        resourceId: key.id,
        isSecret: true,
        audit: { action: 'endpoint.secret_rotated', target: key.id, changes: request.body },
        afterCommit: () => deps.signals.endpointChanged(key.teamId, key.id),
      };
    });
}
