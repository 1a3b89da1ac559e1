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

/** No headers of its own: nothing to keep secret, and of 10,000 lanes that wake at once the opening would take 80 ms. */
const NO_HEADERS = '{}';

/** Whether there is nothing to seal. */
export function isEmpty(column: SealedColumn, text: string | null): boolean {
  return text === null || (column === 'headers' && text === NO_HEADERS);
}

/** Seals what an endpoint keeps; null, and headers of which there are none, stay as they are. */
export function sealColumn<T extends string | null>(vault: Vault, column: SealedColumn, key: EndpointKey, text: T): T {
  return (text === null || isEmpty(column, text) ? text : vault.seal(text, placeOf(column, key))) as T;
}

/** Opens what an endpoint keeps. @throws SealBroken */
export function openColumn<T extends string | null>(vault: Vault, column: SealedColumn, key: EndpointKey, text: T): T {
  return (text === null ? null : vault.open(text, placeOf(column, key))) as T;
}
