import type { Ability } from '../model.ts';
import type { TokenRow } from '../storage/tokens.ts';
import type { components } from './generated/openapi.ts';
import { isoTime } from './iso-time.ts';

/** A token as the API shows it: not the token itself. */
export function showToken(row: TokenRow): components['schemas']['Token'] {
  return {
    id: row.id,
    name: row.name,
    abilities: JSON.parse(row.abilities) as Ability[],
    created_at: isoTime(row.created_at),
  };
}
