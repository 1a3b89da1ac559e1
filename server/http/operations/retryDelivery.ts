import { newId } from '../../id.ts';
import type { DeliveryRow } from '../../model.ts';
import { Problem } from '../../problem.ts';
import type { Statements } from '../../storage/database.ts';
import { readDelivery } from '../../storage/deliveries-read.ts';
import { insertReplay, makeDueNow } from '../../storage/deliveries-retry.ts';
import { takeLane } from '../../storage/endpoint-gate.ts';
import { holdEvent } from '../../storage/events-hold.ts';
import { armLane } from '../../storage/publishing.ts';
import { deliveryNotFound } from '../delivery-not-found.ts';
import type { OperationDeps } from '../deps.ts';
import { endpointNotActive } from '../endpoint-not-active.ts';
import { carryOut } from '../once.ts';
import type { Operation } from '../operation.ts';
import { payloadPruned } from '../payload-pruned.ts';
import { showDelivery } from '../show-delivery.ts';

/** POST /v1/webhook-deliveries/{id}/retry */
export function retryDelivery(deps: OperationDeps): Operation<'retryDelivery'> {
  return (request) =>
    carryOut<'retryDelivery'>(deps, request, async (tx, now) => {
      const { teamId } = request.caller;
      const known = await readDelivery(tx, teamId, request.path.id);
      if (known === undefined) throw deliveryNotFound(request.path.id);
      const lane = await takeLane(tx, teamId, known.endpoint_id);
      if (lane === undefined)
        throw new Problem(
          409,
          'endpoint_gone',
          'The endpoint of this delivery was deleted, so there is nowhere to send it.',
        );
      if (lane.is_open === 0) throw endpointNotActive('The endpoint of this delivery');
      const dueId = await retry(tx, teamId, request.path.id, now);
      const due = await readDelivery(tx, teamId, dueId);
      if (due === undefined) throw deliveryNotFound(dueId);
      return {
        reply: { status: 202, body: { data: showDelivery(due) } },
        resourceId: null,
        afterCommit: () => deps.signals.wake(teamId, due.endpoint_id, now),
      };
    });
}

/** Makes the delivery, or a replay of it, due now; answers with the id of which. The lane is held, so nothing settles meanwhile. */
async function retry(tx: Statements, teamId: string, id: string, now: number): Promise<string> {
  const delivery: DeliveryRow | undefined = await readDelivery(tx, teamId, id);
  if (delivery === undefined) throw deliveryNotFound(id);
  if (delivery.status === 'pending') return id;
  await armLane(tx, teamId, delivery.endpoint_id, now);
  if (delivery.status === 'failed') {
    await makeDueNow(tx, teamId, id, now);
    return id;
  }
  const event = await holdEvent(tx, teamId, delivery.event_id);
  if (event?.isWhole !== true) throw payloadPruned(delivery.event_id);
  const replayId = newId('dlv');
  await insertReplay(tx, delivery, replayId, now);
  return replayId;
}
