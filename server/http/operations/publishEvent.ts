import type { OperationDeps } from '../deps.ts';
import type { components } from '../generated/openapi.ts';
import type { Json, Operation } from '../operation.ts';
import { checkTeam, publishRequest } from '../publish-request.ts';

/** POST /v1/webhook-events */
export function publishEvent({ publisher, actForTeam }: OperationDeps): Operation<'publishEvent'> {
  return async ({ body, headers, caller, once }) => {
    checkTeam(body, headers['Team-Id']);
    const { teamId } = await actForTeam(caller, body.team_id);
    const published = await publisher.publish(
      publishRequest(body, teamId, { caller, once, traceparent: headers.traceparent }),
    );
    // The envelope is text already: to parse it only to write it again would cost more than checking the request did.
    const text = `{"data":${published.envelope},"deliveries":${published.deliveries}}`;
    return {
      status: 202,
      headers: published.repeated && once !== undefined ? { 'Idempotency-Replayed': 'true' } : {},
      body: text as Json<components['schemas']['PublishedEvent']>,
    };
  };
}
