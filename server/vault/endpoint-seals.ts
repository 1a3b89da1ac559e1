import type { Vault } from './vault.ts';

/** The columns of an endpoint that are sealed; the secret before the last rotation is in the place of the secret. */
export type SealedColumn = 'secret' | 'headers' | 'credentials' | 'client_certificate';

/** Which endpoint a sealed text belongs to. */
export interface EndpointKey {
  team_id: string;
  id: string;
}

/** The place that a column of an endpoint is sealed for. */
export function placeOf(column: SealedColumn, { team_id, id }: EndpointKey): string {
  return `endpoint ${column}, ${team_id}, ${id}`;
}

/** Seals what an endpoint keeps; null stays null. */
export function sealColumn<T extends string | null>(vault: Vault, column: SealedColumn, key: EndpointKey, text: T): T {
  return (text === null ? null : vault.seal(text, placeOf(column, key))) as T;
}

/** Opens what an endpoint keeps. @throws SealBroken */
export function openColumn<T extends string | null>(vault: Vault, column: SealedColumn, key: EndpointKey, text: T): T {
  return (text === null ? null : vault.open(text, placeOf(column, key))) as T;
}
