import { removeEndpoint } from '../../endpoint/remove.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** DELETE /v1/webhook-subscriptions/{id} */
export function unsubscribeHook({ db, clock, signals }: OperationDeps): Operation<'unsubscribeHook'> {
  return async ({ path, caller: { teamId } }) => {
    const removed = await db.transaction((tx) =>
      removeEndpoint(tx, { teamId, id: path.id, kind: 'hook' }, clock.now()),
    );
    if (removed) signals.endpointChanged(teamId, path.id);
    return { status: 204 };
  };
}
