import { createEndpoint as create } from '../../endpoint/create.ts';
import type { OperationDeps } from '../deps.ts';
import { carryOut } from '../once.ts';
import type { Operation } from '../operation.ts';
import { madeBy, rightsOf } from '../rights.ts';
import { showNewEndpoint } from '../show-endpoint.ts';

/** POST /v1/webhook-endpoints */
export function createEndpoint(deps: OperationDeps): Operation<'createEndpoint'> {
  return (request) =>
    carryOut<'createEndpoint'>(deps, request, async (tx, now) => {
      const { teamId } = request.caller;
      const { row, secret } = await create(
        tx,
        deps.rules,
        teamId,
        {
          ...request.body,
          kind: 'endpoint',
          tokenId: madeBy(request.caller),
          rights: rightsOf(deps.catalog, request.caller),
        },
        now,
      );
      return {
        reply: {
          status: 201,
          headers: { Location: `${request.origin()}/v1/webhook-endpoints/${row.id}` },
          body: { data: showNewEndpoint(deps.rules.vault, row, now), secret },
        },
        resourceId: row.id,
        isSecret: true,
        audit: { action: 'endpoint.created', target: row.id, changes: request.body },
        afterCommit: () => deps.signals.endpointChanged(teamId, row.id),
      };
    });
}
