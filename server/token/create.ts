import { newId } from '../id.ts';
import type { Caller, TokenMode } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Statements } from '../storage/database.ts';
import { insertToken, type TokenRow } from '../storage/tokens.ts';
import { ABILITIES } from './abilities.ts';
import { hashToken, newToken } from './token-text.ts';

/** What a token is made from. */
export interface WantedToken {
  name: string;
  /** Some of `ABILITIES`, or what a family of the catalog requires. */
  abilities: readonly string[];
  mode?: TokenMode | undefined;
  /** The projects that it is for; the whole team when left out or null. */
  projects?: readonly string[] | null | undefined;
  /** ISO 8601; null or left out for one that lasts until it is revoked. */
  expires_at?: string | null | undefined;
}

/**
 * Makes a token for the caller's team; the text is in this answer and nowhere else.
 * @param ofCatalog the abilities that families of the catalog require
 * @throws Problem 422 `validation_failed` when it would have expired already, or for an ability that there is not; 403 `ability_missing` when the caller would grant what it does not have.
 */
export async function createToken(
  tx: Statements,
  caller: Caller,
  ofCatalog: ReadonlySet<string>,
  wanted: WantedToken,
  now: number,
): Promise<{ row: TokenRow; text: string }> {
  const abilities = [...new Set(wanted.abilities)];
  const unknown = abilities.flatMap((ability, index) =>
    ABILITIES.some((one) => one === ability) || ofCatalog.has(ability)
      ? []
      : [{ pointer: `/abilities/${index}`, message: `there is no ability "${ability}"` }],
  );
  if (unknown.length > 0)
    throw new Problem(
      422,
      'validation_failed',
      `There are these abilities: ${[...ABILITIES, ...ofCatalog].join(', ')}.`,
      { errors: unknown },
    );
  const missing = caller.isOperator ? [] : abilities.filter((ability) => !caller.abilities.has(ability));
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
    projects: wanted.projects == null ? null : JSON.stringify([...new Set(wanted.projects)]),
    created_at: now,
    expires_at: expiresAt,
    last_used_at: null,
  };
  await insertToken(tx, row);
  return { row, text };
}
