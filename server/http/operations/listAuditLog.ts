import { listAuditRows } from '../../storage/audit.ts';
import { idBefore, pageOf } from '../cursor.ts';
import type { OperationDeps } from '../deps.ts';
import { isoTime } from '../iso-time.ts';
import type { Operation } from '../operation.ts';

/** GET /v1/audit-log */
export function listAuditLog({ db }: OperationDeps): Operation<'listAuditLog'> {
  return async ({ query, caller }) => {
    const beforeId = idBefore('audit', query.cursor);
    const wanted = { beforeId, target: query.target, limit: query.limit + 1 };
    const found = await listAuditRows(db, caller.teamId, wanted);
    const { rows, next_cursor } = pageOf('audit', found, query.limit, (row) => row.id);
    const data = rows.map(({ team_id: _, at, changes, ...row }) => ({
      ...row,
      at: isoTime(at),
      changes: JSON.parse(changes) as Record<string, unknown>,
    }));
    return { status: 200, body: { data, next_cursor } };
  };
}
