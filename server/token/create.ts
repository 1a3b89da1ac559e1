import { newId } from '../id.ts';
import type { Ability, Caller } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Statements } from '../storage/database.ts';
import { insertToken, type TokenRow } from '../storage/tokens.ts';
import { hashToken, newToken } from './token-text.ts';

/**
 * Makes a token for the caller's team; the text is in this answer and nowhere else.
 * @throws Problem 403 `ability_missing` when the caller would grant what it does not have.
 */
export async function createToken(
  tx: Statements,
  caller: Caller,
  wanted: { name: string; abilities: readonly Ability[] },
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
  const text = newToken();
  const row: TokenRow = {
    id: newId('tok'),
    team_id: caller.teamId,
    name: wanted.name,
    hash: hashToken(text),
    abilities: JSON.stringify(abilities),
    created_at: now,
  };
  await insertToken(tx, row);
  return { row, text };
}
