import { createEndpoint } from '../../endpoint/create.ts';
import { type FieldFault, Problem } from '../../problem.ts';
import type { OperationDeps } from '../deps.ts';
import type { components } from '../generated/openapi.ts';
import { carryOut } from '../once.ts';
import type { Operation } from '../operation.ts';
import { madeBy, rightsOf } from '../rights.ts';
import { showNewEndpoint } from '../show-endpoint.ts';

/** POST /v1/webhook-subscriptions */
export function subscribeHook(deps: OperationDeps): Operation<'subscribeHook'> {
  return (request) =>
    carryOut<'subscribeHook'>(deps, request, async (tx, now) => {
      const { teamId } = request.caller;
      const { name, project_id, filters, dialect } = request.body;
      const target = whatAndWhere(request.body);
      const wanted = {
        kind: 'hook' as const,
        tokenId: madeBy(request.caller),
        rights: rightsOf(deps.catalog, request.caller),
        ...target,
        name,
        project_id,
        filters,
        dialect,
      };
      const { row, secret } = await createEndpoint(tx, deps.rules, teamId, wanted, now);
      return {
        reply: {
          status: 201,
          headers: { Location: `${request.origin()}/v1/webhook-subscriptions/${row.id}` },
          body: { data: showNewEndpoint(deps.rules.vault, row, now), secret },
        },
        resourceId: row.id,
        isSecret: true,
        audit: { action: 'hook.subscribed', target: row.id, changes: request.body },
        afterCommit: () => deps.signals.endpointChanged(teamId, row.id),
      };
    });
}

/** The URL and the events, under either of the names that platforms give them. @throws Problem 422 `validation_failed`. */
function whatAndWhere(body: components['schemas']['NewHook']): { url: string; events: readonly string[] } {
  const url = body.url ?? body.target_url;
  const events = body.events ?? (body.event === undefined ? undefined : [body.event]);
  const faults: FieldFault[] = [];
  if (url === undefined) faults.push({ pointer: '/url', message: 'is missing: add it (or target_url)' });
  if (events === undefined) faults.push({ pointer: '/events', message: 'is missing: add it (or event)' });
  if (body.target_url !== undefined && body.target_url !== url)
    faults.push({ pointer: '/target_url', message: 'differs from url: send one of them' });
  if (body.event !== undefined && body.events !== undefined && `${body.events}` !== body.event)
    faults.push({ pointer: '/event', message: 'differs from events: send one of them' });
  if (url === undefined || events === undefined || faults.length > 0)
    throw new Problem(422, 'validation_failed', 'The body does not say where to deliver what.', { errors: faults });
  return { url, events };
}
