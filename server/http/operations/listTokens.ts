import { listTokenRows } from '../../storage/tokens.ts';
import { idBefore, pageOf } from '../cursor.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';
import { showToken } from '../show-token.ts';

/** GET /v1/tokens */
export function listTokens({ db }: OperationDeps): Operation<'listTokens'> {
  return async ({ query, caller }) => {
    const beforeId = idBefore('tokens', query.cursor) ?? null;
    const found = await listTokenRows(db, caller.teamId, { beforeId, limit: query.limit + 1 });
    const { rows, next_cursor } = pageOf('tokens', found, query.limit, (row) => row.id);
    return { status: 200, body: { data: rows.map(showToken), next_cursor } };
  };
}
