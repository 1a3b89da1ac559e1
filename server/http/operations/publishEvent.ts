import { parseTraceparent } from '../../observe/traceparent.ts';
import { Problem } from '../../problem.ts';
import type { OperationDeps } from '../deps.ts';
import type { components } from '../generated/openapi.ts';
import type { Json, Operation } from '../operation.ts';

/** POST /v1/webhook-events */
export function publishEvent({ publisher, actForTeam }: OperationDeps): Operation<'publishEvent'> {
  return async ({ body, headers, caller, once }) => {
    const named = headers['Team-Id'];
    if (named !== undefined && body.team_id !== undefined && named !== body.team_id)
      throw new Problem(
        422,
        'validation_failed',
        'team_id and the header Team-Id name different teams. Send one of them.',
        {
          errors: [{ pointer: '/team_id', message: 'differs from the header Team-Id' }],
        },
      );
    const { teamId } = await actForTeam(caller, body.team_id);
    const published = await publisher.publish({
      teamId,
      type: body.type,
      data: body.data,
      projectId: body.project_id ?? null,
      ...(body.id === undefined ? {} : { id: body.id }),
      ...(body.created_at === undefined ? {} : { createdAt: body.created_at }),
      traceparent: parseTraceparent(headers.traceparent),
      ...(once === undefined ? {} : { once: { ...once, teamId } }),
    });
    // The envelope is text already: to parse it only to write it again would cost more than checking the request did.
    const text = `{"data":${published.envelope},"deliveries":${published.deliveries}}`;
    return {
      status: 202,
      headers: published.repeated && once !== undefined ? { 'Idempotency-Replayed': 'true' } : {},
      body: text as Json<components['schemas']['PublishedEvent']>,
    };
  };
}
