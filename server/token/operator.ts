import type { Clock } from '../clock.ts';
import { newId } from '../id.ts';
import type { Database } from '../storage/database.ts';
import { insertTeam } from '../storage/teams.ts';
import { deleteOperatorTokens, insertToken, readOperatorToken } from '../storage/tokens.ts';
import { DEFAULT_TEAM } from './authenticate.ts';
import { hashToken, newToken } from './token-text.ts';

/**
 * Makes sure that there is the team `default` and an operator. With a token set in the environment that one holds, and a
 * stored one is removed; else one is made on the first start.
 * @returns the new token's text, which is stored nowhere, or undefined when none was made.
 */
export function settleOperator(
  db: Database,
  clock: Clock,
  environmentHash: string | null,
): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    await insertTeam(tx, { id: DEFAULT_TEAM, name: 'Default', created_at: clock.now() });
    if (environmentHash !== null) {
      await deleteOperatorTokens(tx);
      return undefined;
    }
    if ((await readOperatorToken(tx)) !== undefined) return undefined;
    const text = newToken('live');
    await insertToken(tx, {
      id: newId('tok'),
      team_id: null,
      name: 'operator',
      hash: hashToken(text),
      abilities: '[]',
      mode: 'live',
      projects: null,
      created_at: clock.now(),
      expires_at: null,
      last_used_at: null,
    });
    return text;
  });
}
