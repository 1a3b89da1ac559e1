import type { Published } from '../../publish/publisher.ts';
import type { OperationDeps } from '../deps.ts';
import type { components } from '../generated/openapi.ts';
import type { Json, Operation, Reply } from '../operation.ts';
import { checkTeam, publishRequest } from '../publish-request.ts';

/** POST /v1/webhook-events */
export function publishEvent({ publisher, actForTeam }: OperationDeps): Operation<'publishEvent'> {
  return async ({ body, headers, caller, once }) => {
    checkTeam(body, headers['Team-Id']);
    const { teamId } = await actForTeam(caller, body.team_id);
    const request = publishRequest(body, teamId, { caller, once, traceparent: headers.traceparent });
    // Not awaited here: what was parsed is not kept until the commit.
    return replyTo(publisher.publish(request), once !== undefined);
  };
}

async function replyTo(publishing: Promise<Published>, isOnce: boolean): Promise<Reply<'publishEvent'>> {
  const { envelope, deliveries, repeated } = await publishing;
  return {
    status: 202,
    headers: repeated && isOnce ? { 'Idempotency-Replayed': 'true' } : {},
    // The envelope is text already: to parse it only to write it again would cost more than checking the request did.
    body: `{"data":${envelope},"deliveries":${deliveries}}` as Json<components['schemas']['PublishedEvent']>,
  };
}
