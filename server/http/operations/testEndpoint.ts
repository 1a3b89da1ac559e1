import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** POST /v1/webhook-endpoints/{id}/test */
export function testEndpoint({ publisher }: OperationDeps): Operation<'testEndpoint'> {
  return async ({ path, body, caller, once }) => {
    const sent = await publisher.publishTest({
      teamId: caller.teamId,
      endpointId: path.id,
      ...(body.type === undefined ? {} : { type: body.type }),
      ...(once === undefined ? {} : { once }),
    });
    return { status: 202, body: { data: { delivery_id: sent.deliveryId, event_id: sent.eventId } } };
  };
}
