import { beginReplay } from '../../delivery/begin-replay.ts';
import type { OperationDeps } from '../deps.ts';
import { carryOut } from '../once.ts';
import type { Operation } from '../operation.ts';
import { showReplay } from '../show-replay.ts';

/** POST /v1/webhook-endpoints/{id}/replays */
export function createReplay(deps: OperationDeps): Operation<'createReplay'> {
  return (request) =>
    carryOut<'createReplay'>(deps, request, async (tx, now) => {
      const { body, caller, path, origin } = request;
      const wish = {
        teamId: caller.teamId,
        endpointId: path.id,
        since: Date.parse(body.since),
        until: body.until === undefined ? undefined : Date.parse(body.until),
        events: body.events,
        statuses: body.statuses,
      };
      const row = await beginReplay(tx, deps.catalog, wish, now);
      return {
        reply: {
          status: 202,
          headers: { Location: `${origin()}/v1/webhook-endpoints/${path.id}/replays/${row.id}` },
          body: { data: await showReplay(tx, row) },
        },
        audit: { action: 'replay.created', target: request.path.id, changes: request.body },
        resourceId: row.id,
      };
    });
}
