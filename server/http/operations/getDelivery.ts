import { listAttempts, readDelivery } from '../../storage/deliveries-read.ts';
import { deliveryNotFound } from '../delivery-not-found.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';
import { mayReadPersonal } from '../rights.ts';
import { showAttempt, showDelivery } from '../show-delivery.ts';

/** GET /v1/webhook-deliveries/{id} */
export function getDelivery({ db }: OperationDeps): Operation<'getDelivery'> {
  return async ({ path, caller }) => {
    const row = await readDelivery(db, caller.teamId, path.id);
    if (row === undefined) throw deliveryNotFound(path.id);
    const attempts = await listAttempts(db, caller.teamId, path.id);
    return {
      status: 200,
      body: {
        data: { ...showDelivery(row), attempts: attempts.map((one) => showAttempt(one, mayReadPersonal(caller))) },
      },
    };
  };
}
