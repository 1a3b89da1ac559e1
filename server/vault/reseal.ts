import type { Database, Statements } from '../storage/database.ts';
import { takeLane } from '../storage/endpoint-gate.ts';
import { listSealed, readSealed, type Sealed, updateSealed } from '../storage/sealed.ts';
import { isEmpty, openColumn, type SealedColumn, sealColumn } from './endpoint-seals.ts';
import type { Vault } from './vault.ts';

/** Endpoints looked at in one read. */
const PAGE = 200;
const COLUMNS: readonly [keyof Sealed, SealedColumn][] = [
  ['secret', 'secret'],
  ['previous_secret', 'secret'],
  ['headers', 'headers'],
  ['credentials', 'credentials'],
  ['client_certificate', 'client_certificate'],
];

/**
 * Seals the secrets of every endpoint under the current key, one endpoint a transaction, while others go on working. Cut off,
 * it can be begun anew: what is done is passed over.
 * @returns how many endpoints were sealed anew.
 * @throws SealBroken when one cannot be opened; those before it are done.
 */
export async function reseal(db: Database, vault: Vault): Promise<number> {
  let count = 0;
  let after = { team_id: '', id: '' };
  for (;;) {
    const page = await listSealed(db, after, PAGE);
    for (const row of page) {
      if (isCurrent(vault, row)) continue;
      count += await db.transaction((tx) => resealOne(tx, vault, row));
    }
    const last = page.at(-1);
    if (last === undefined) return count;
    after = last;
  }
}

async function resealOne(tx: Statements, vault: Vault, { team_id, id }: Sealed): Promise<number> {
  // Whoever changes an endpoint takes its lane first. One that is gone, or was changed meanwhile, is read as it is now.
  await takeLane(tx, team_id, id);
  const row = await readSealed(tx, team_id, id);
  if (row === undefined) return 0;
  const sealed = { ...row };
  for (const [column, place] of COLUMNS) {
    const text = row[column];
    if (text !== null) sealed[column] = sealColumn(vault, place, row, openColumn(vault, place, row, text));
  }
  await updateSealed(tx, sealed);
  return 1;
}

function isCurrent(vault: Vault, row: Sealed): boolean {
  return COLUMNS.every(([column, place]) => isEmpty(place, row[column]) || vault.isCurrent(row[column] ?? ''));
}
