import { endpointNotFound } from '../../endpoint/endpoint-not-found.ts';
import { readEndpoint } from '../../storage/endpoints.ts';
import { listReplayRows } from '../../storage/replays.ts';
import { idBefore, pageOf } from '../cursor.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';
import { showReplay } from '../show-replay.ts';

/** GET /v1/webhook-endpoints/{id}/replays */
export function listReplays({ db }: OperationDeps): Operation<'listReplays'> {
  return async ({ path, query, caller }) => {
    const before = idBefore('replays', query.cursor);
    const found = await listReplayRows(db, caller.teamId, path.id, before, query.limit + 1);
    // An endpoint that was deleted still has its replays.
    if (found.length === 0 && (await readEndpoint(db, caller.teamId, path.id)) === undefined)
      throw endpointNotFound(path.id);
    const { rows, next_cursor } = pageOf('replays', found, query.limit, (row) => row.id);
    return { status: 200, body: { data: await Promise.all(rows.map((row) => showReplay(db, row))), next_cursor } };
  };
}
