import { newId } from '../id.ts';
import type { Ability, Caller, TokenMode } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Statements } from '../storage/database.ts';
import { insertToken, type TokenRow } from '../storage/tokens.ts';
import { hashToken, newToken } from './token-text.ts';

/** What a token is made from. */
export interface WantedToken {
  name: string;
  abilities: readonly Ability[];
  mode?: TokenMode | undefined;
  /** ISO 8601; null or left out for one that lasts until it is revoked. */
  expires_at?: string | null | undefined;
}

/**
 * Makes a token for the caller's team; the text is in this answer and nowhere else.
 * @throws Problem 422 `validation_failed` when it would have expired already; 403 `ability_missing` when the caller would grant what it does not have.
 */
export async function createToken(
  tx: Statements,
  caller: Caller,
  wanted: WantedToken,
  now: number,
): Promise<{ row: TokenRow; text: string }> {
  const abilities = [...new Set(wanted.abilities)];
  const missing = abilities.filter((ability) => !caller.abilities.has(ability));
  if (missing.length > 0)
    throw new Problem(
      403,
      'ability_missing',
      `Nobody can grant what they do not have; this token lacks ${missing.map((one) => `"${one}"`).join(', ')}.`,
      { errors: [{ pointer: '/abilities', message: `cannot hold ${missing.join(', ')}` }] },
    );
  const { mode = 'live', expires_at: expires } = wanted;
  const expiresAt = expires == null ? null : Date.parse(expires);
  if (expiresAt !== null && expiresAt <= now)
    throw new Problem(422, 'validation_failed', 'A token cannot expire before it is made.', {
      errors: [{ pointer: '/expires_at', message: 'is in the past' }],
    });
  const text = newToken(mode);
  const row: TokenRow = {
    id: newId('tok'),
    team_id: caller.teamId,
    name: wanted.name,
    hash: hashToken(text),
    abilities: JSON.stringify(abilities),
    mode,
    created_at: now,
    expires_at: expiresAt,
    last_used_at: null,
  };
  await insertToken(tx, row);
  return { row, text };
}
