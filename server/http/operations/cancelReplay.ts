import { cancelReplay as cancel } from '../../delivery/cancel-replay.ts';
import type { OperationDeps } from '../deps.ts';
import { carryOut } from '../once.ts';
import type { Operation } from '../operation.ts';
import { replayNotFound } from '../replay-not-found.ts';
import { showReplay } from '../show-replay.ts';

/** POST /v1/webhook-endpoints/{id}/replays/{replay_id}/cancel */
export function cancelReplay(deps: OperationDeps): Operation<'cancelReplay'> {
  return (request) =>
    carryOut<'cancelReplay'>(deps, request, async (tx, now) => {
      const { teamId } = request.caller;
      const { id: endpointId, replay_id: id } = request.path;
      const row = await cancel(tx, { teamId, endpointId, id }, now);
      if (row === undefined) throw replayNotFound(id);
      return {
        reply: { status: 200, body: { data: await showReplay(tx, row) } },
        resourceId: id,
        // What its worker has read of it must not start any more.
        afterCommit: () => deps.signals.endpointChanged(teamId, endpointId),
      };
    });
}
