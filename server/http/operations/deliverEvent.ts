import { freezeBody } from '../../delivery/freeze-body.ts';
import { endpointNotFound } from '../../endpoint/endpoint-not-found.ts';
import { newId } from '../../id.ts';
import { readDelivery } from '../../storage/deliveries-read.ts';
import { takeLane } from '../../storage/endpoint-gate.ts';
import { readEndpoint } from '../../storage/endpoints.ts';
import { holdEvent } from '../../storage/events-hold.ts';
import { readEvent } from '../../storage/events-read.ts';
import { armLane, insertDeliveries } from '../../storage/publishing.ts';
import { deliveryNotFound } from '../delivery-not-found.ts';
import type { OperationDeps } from '../deps.ts';
import { endpointNotActive } from '../endpoint-not-active.ts';
import { eventNotFound } from '../event-not-found.ts';
import { carryOut } from '../once.ts';
import type { Operation } from '../operation.ts';
import { payloadPruned } from '../payload-pruned.ts';
import { isInScope, isOfProjects, scopeOf } from '../rights.ts';
import { showDelivery } from '../show-delivery.ts';

/** POST /v1/webhook-events/{id}/deliver */
export function deliverEvent(deps: OperationDeps): Operation<'deliverEvent'> {
  return (request) =>
    carryOut<'deliverEvent'>(deps, request, async (tx, now) => {
      const { teamId } = request.caller;
      const endpointId = request.body.endpoint_id;
      const event = await readEvent(tx, teamId, request.path.id);
      if (event === undefined || !isInScope(scopeOf(deps.catalog, request.caller), event))
        throw eventNotFound(request.path.id);
      const held = await holdEvent(tx, teamId, event.id);
      if (held === undefined) throw eventNotFound(event.id);
      if (!held.isWhole) throw payloadPruned(event.id);
      const lane = await takeLane(tx, teamId, endpointId);
      const endpoint = await readEndpoint(tx, teamId, endpointId);
      if (lane === undefined || endpoint === undefined || !isOfProjects(request.caller, endpoint))
        throw endpointNotFound(endpointId);
      if (lane.is_open === 0) throw endpointNotActive('This endpoint');

      await freezeBody(tx, deps, event, endpoint.dialect);
      await armLane(tx, teamId, endpointId, now);
      const id = newId('dlv');
      const { accepted_at, type } = event;
      await insertDeliveries(tx, [
        [teamId, id, endpointId, event.id, accepted_at, type, endpoint.dialect, 'pending', now, 0, null, now],
      ]);
      const delivery = await readDelivery(tx, teamId, id);
      if (delivery === undefined) throw deliveryNotFound(id);
      return {
        reply: { status: 202, body: { data: showDelivery(delivery) } },
        resourceId: null,
        afterCommit: () => deps.signals.wake(teamId, endpointId, now),
      };
    });
}
