import { readReplay } from '../../storage/replays.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';
import { replayNotFound } from '../replay-not-found.ts';
import { showReplay } from '../show-replay.ts';

/** GET /v1/webhook-endpoints/{id}/replays/{replay_id} */
export function getReplay({ db }: OperationDeps): Operation<'getReplay'> {
  return async ({ path, caller }) => {
    const row = await readReplay(db, caller.teamId, path.id, path.replay_id);
    if (row === undefined) throw replayNotFound(path.replay_id);
    return { status: 200, body: { data: await showReplay(db, row) } };
  };
}
