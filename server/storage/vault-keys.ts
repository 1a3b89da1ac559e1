/** The statements of the master keys that a database's secrets are sealed under: their names, and a proof to open. */
import type { Database } from './database.ts';

export interface VaultKeyRow {
  id: string;
  /** A known text, sealed under the key. */
  proof: string;
  created_at: number;
}

/** Adds a key, `onlyFirst` when there is none yet. Answers whether it was added. */
export async function addVaultKey(db: Database, row: VaultKeyRow, onlyFirst: boolean): Promise<boolean> {
  return db.transaction(async (tx) => {
    // Processes that start together take turns; the lock goes with the transaction.
    if (db.engine === 'postgres') await tx.run('select pg_advisory_xact_lock(7461727375)');
    // A handful of rows.
    const added = await tx.run(
      `insert into vault_key (id, proof, created_at) select ?1, ?2, cast(?3 as bigint)
       where cast(?4 as bigint) = 0 or not exists (select 1 from vault_key)
       on conflict (id) do nothing`,
      [row.id, row.proof, row.created_at, onlyFirst ? 1 : 0],
    );
    return added === 1;
  });
}

/** Every key that something may be sealed under. */
export function listVaultKeys(db: Database): Promise<VaultKeyRow[]> {
  // A handful of rows.
  return db.all('select id, proof, created_at from vault_key order by created_at', []);
}

/** Nothing is sealed under any other key any more. */
export async function keepVaultKey(db: Database, id: string): Promise<void> {
  await db.transaction(async (tx) => {
    // A handful of rows.
    await tx.run('delete from vault_key where id <> ?1', [id]);
  });
}
