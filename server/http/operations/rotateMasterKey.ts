import { keepVaultKey } from '../../storage/vault-keys.ts';
import { reseal } from '../../vault/reseal.ts';
import { noteCurrentKey } from '../../vault/settle-keys.ts';
import { record } from '../audit.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** POST /v1/keys/rotate */
export function rotateMasterKey({ db, clock, rules: { vault } }: OperationDeps): Operation<'rotateMasterKey'> {
  return async (request) => {
    const before = vault.currentKeyId;
    vault.renew();
    await noteCurrentKey(db, vault, clock.now());
    const resealed = await reseal(db, vault);
    const now = clock.now();
    await db.transaction((tx) =>
      record(tx, request, { action: 'master_key.rotated', target: vault.currentKeyId }, now),
    );
    await keepVaultKey(db, vault.currentKeyId);
    return {
      status: 200,
      body: { data: { key_id: vault.currentKeyId, previous_key_id: before, endpoints: resealed } },
    };
  };
}
