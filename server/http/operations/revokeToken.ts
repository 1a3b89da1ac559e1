import { removeEndpoint } from '../../endpoint/remove.ts';
import { Problem } from '../../problem.ts';
import { listMadeByToken } from '../../storage/endpoints.ts';
import { forgetReplies } from '../../storage/idempotency.ts';
import { deleteToken } from '../../storage/tokens.ts';
import { record } from '../audit.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** DELETE /v1/tokens/{id} */
export function revokeToken({ db, clock, signals, authentication }: OperationDeps): Operation<'revokeToken'> {
  return async (request) => {
    const {
      path,
      query,
      caller: { teamId },
    } = request;
    const revoked = await db.transaction(async (tx) => {
      await forgetReplies(tx, teamId, path.id);
      const hash = await deleteToken(tx, teamId, path.id);
      if (hash === undefined) return { hash, hooks: [] };
      await record(
        tx,
        request,
        { action: 'token.revoked', target: path.id, changes: { hooks: query.hooks } },
        clock.now(),
      );
      if (query.hooks !== 'delete') return { hash, hooks: [] };
      const made = await listMadeByToken(tx, teamId, path.id);
      const hooks = made.filter(({ kind }) => kind === 'hook');
      for (const { id } of hooks) await removeEndpoint(tx, { teamId, id, kind: 'hook' }, clock.now());
      return { hash, hooks };
    });
    if (revoked.hash === undefined)
      throw new Problem(404, 'token_not_found', `There is no token "${path.id}" in this team.`);
    authentication.forget(revoked.hash);
    for (const { id } of revoked.hooks) signals.endpointChanged(teamId, id);
    return { status: 204 };
  };
}
