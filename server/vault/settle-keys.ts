import type { Database } from '../storage/database.ts';
import { addVaultKey, listVaultKeys } from '../storage/vault-keys.ts';
import { reseal } from './reseal.ts';
import type { Vault } from './vault.ts';

/** The master key is not the one that the database's secrets are sealed under. */
export class MasterKeyWrong extends Error {
  constructor(keysAt: string, keyId: string) {
    super(
      `${keysAt} does not hold the master key ${keyId}, which secrets in this database are sealed under. Give every process the same HOOKLOOM_MASTER_KEY (and the one before it in HOOKLOOM_MASTER_KEY_PREVIOUS), or put the key file back.`,
    );
    this.name = 'MasterKeyWrong';
  }
}

const PROOF = 'Hookloom';

/**
 * Sees at the start that this process's keys open what the database holds; the first one ever decides which key that is. A
 * database of before there was a vault has its secrets sealed here, before anything is served.
 * @throws MasterKeyWrong
 */
export async function settleKeys(db: Database, vault: Vault, now: number): Promise<void> {
  const isFirst = await addVaultKey(db, { id: vault.currentKeyId, proof: seal(vault), created_at: now }, true);
  for (const { id, proof } of await listVaultKeys(db)) {
    try {
      if (vault.open(proof, proofPlace(id)) === PROOF) continue;
    } catch {
      // Told below, in words that help.
    }
    throw new MasterKeyWrong(vault.keysAt, id);
  }
  if (isFirst) await reseal(db, vault);
  else await noteCurrentKey(db, vault, now);
}

/** Remembers that something is sealed under the current key. */
export async function noteCurrentKey(db: Database, vault: Vault, now: number): Promise<void> {
  await addVaultKey(db, { id: vault.currentKeyId, proof: seal(vault), created_at: now }, false);
}

function seal(vault: Vault): string {
  return vault.seal(PROOF, proofPlace(vault.currentKeyId));
}

function proofPlace(keyId: string): string {
  return `vault_key ${keyId}`;
}
