import { listDeliveryRows } from '../../storage/deliveries-read.ts';
import { idBefore, pageOf } from '../cursor.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';
import { scopeOf } from '../rights.ts';
import { showDelivery } from '../show-delivery.ts';

/** GET /v1/webhook-deliveries */
export function listDeliveries({ db, catalog }: OperationDeps): Operation<'listDeliveries'> {
  return async ({ query, caller }) => {
    const found = await listDeliveryRows(db, caller.teamId, {
      endpointId: query.endpoint_id,
      eventId: query.event_id,
      replayId: query.replay_id,
      type: query.type,
      status: query.status,
      scope: scopeOf(catalog, caller),
      beforeId: idBefore('deliveries', query.cursor),
      limit: query.limit + 1,
    });
    const { rows, next_cursor } = pageOf('deliveries', found, query.limit, (row) => row.id);
    return { status: 200, body: { data: rows.map(showDelivery), next_cursor } };
  };
}
