import { keepVaultKey } from '../../storage/vault-keys.ts';
import { reseal } from '../../vault/reseal.ts';
import { noteCurrentKey } from '../../vault/settle-keys.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** POST /v1/keys/rotate */
export function rotateMasterKey({ db, clock, rules: { vault } }: OperationDeps): Operation<'rotateMasterKey'> {
  return async () => {
    const before = vault.currentKeyId;
    vault.renew();
    await noteCurrentKey(db, vault, clock.now());
    const resealed = await reseal(db, vault);
    await keepVaultKey(db, vault.currentKeyId);
    return {
      status: 200,
      body: { data: { key_id: vault.currentKeyId, previous_key_id: before, endpoints: resealed } },
    };
  };
}
