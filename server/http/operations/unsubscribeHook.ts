import { removeEndpoint } from '../../endpoint/remove.ts';
import { record } from '../audit.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** DELETE /v1/webhook-subscriptions/{id} */
export function unsubscribeHook({ db, clock, signals }: OperationDeps): Operation<'unsubscribeHook'> {
  return async (request) => {
    const {
      path,
      caller: { teamId },
    } = request;
    const removed = await db.transaction(async (tx) => {
      const now = clock.now();
      const wasThere = await removeEndpoint(tx, { teamId, id: path.id, kind: 'hook' }, now);
      if (wasThere) await record(tx, request, { action: 'hook.unsubscribed', target: path.id }, now);
      return wasThere;
    });
    if (removed) signals.endpointChanged(teamId, path.id);
    return { status: 204 };
  };
}
