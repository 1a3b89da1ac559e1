import { forgetReplies } from '../../storage/idempotency.ts';
import { deleteToken } from '../../storage/tokens.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** DELETE /v1/tokens/{id} */
export function revokeToken({ db, authentication }: OperationDeps): Operation<'revokeToken'> {
  return async ({ path, caller: { teamId } }) => {
    const hash = await db.transaction(async (tx) => {
      await forgetReplies(tx, teamId, path.id);
      return deleteToken(tx, teamId, path.id);
    });
    if (hash !== undefined) authentication.forget(hash);
    return { status: 204 };
  };
}
