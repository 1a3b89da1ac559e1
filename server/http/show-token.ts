import type { TokenRow } from '../storage/tokens.ts';
import type { components } from './generated/openapi.ts';
import { isoTime, isoTimeOrNull } from './iso-time.ts';

/** A token as the API shows it: not the token itself. */
export function showToken(row: TokenRow): components['schemas']['Token'] {
  return {
    id: row.id,
    name: row.name,
    abilities: JSON.parse(row.abilities) as string[],
    mode: row.mode,
    projects: JSON.parse(row.projects ?? 'null') as string[] | null,
    created_at: isoTime(row.created_at),
    expires_at: isoTimeOrNull(row.expires_at),
    last_used_at: isoTimeOrNull(row.last_used_at),
  };
}
