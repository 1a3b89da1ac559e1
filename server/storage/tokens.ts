import type { TokenMode } from '../model.ts';
import type { Statements } from './database.ts';
import { insertOneInto } from './rows.ts';

/** A row of `token`. */
export interface TokenRow {
  id: string;
  /** Null for the operator's token. */
  team_id: string | null;
  name: string;
  /** SHA-256 of the token, in hexadecimal. */
  hash: string;
  /** JSON array of abilities. */
  abilities: string;
  mode: TokenMode;
  /** JSON array of project ids; null for the whole team. */
  projects: string | null;
  created_at: number;
  /** When it stops working; null when it does not. */
  expires_at: number | null;
  /** To the minute; null before its first use. */
  last_used_at: number | null;
}

const COLUMN_NAMES = [
  'id',
  'team_id',
  'name',
  'hash',
  'abilities',
  'mode',
  'projects',
  'created_at',
  'expires_at',
  'last_used_at',
] as const satisfies readonly (keyof TokenRow)[];
const COLUMNS = COLUMN_NAMES.join(', ');
const insertRow = insertOneInto('token', COLUMN_NAMES);

/** Adds a token. */
export async function insertToken(tx: Statements, token: TokenRow): Promise<void> {
  await insertRow(
    tx,
    COLUMN_NAMES.map((column) => token[column]),
  );
}

/** The token with this hash. */
export function readTokenByHash(db: Statements, hash: string): Promise<TokenRow | undefined> {
  // By the unique index on hash.
  return db.get<TokenRow>(`select ${COLUMNS} from token where hash = ?1`, [hash]);
}

/** A team's tokens, newest first, from below `beforeId` on. */
export function listTokenRows(
  db: Statements,
  teamId: string,
  page: { beforeId: string | null; limit: number },
): Promise<TokenRow[]> {
  const params = [teamId, page.limit];
  if (page.beforeId === null) {
    // Backwards over the index token_of_team.
    return db.all(`select ${COLUMNS} from token where team_id = ?1 order by id desc limit ?2`, params);
  }
  // The same, from the cursor on.
  return db.all(`select ${COLUMNS} from token where team_id = ?1 and id < ?3 order by id desc limit ?2`, [
    ...params,
    page.beforeId,
  ]);
}

/** Deletes a team's token and answers with its hash; undefined when there is none. */
export async function deleteToken(tx: Statements, teamId: string, id: string): Promise<string | undefined> {
  // The hash tells the cache which entry to drop.
  const row = await tx.get<{ hash: string }>('delete from token where team_id = ?1 and id = ?2 returning hash', [
    teamId,
    id,
  ]);
  return row?.hash;
}

/** The stored operator's token, if one was made. */
export function readOperatorToken(tx: Statements): Promise<{ id: string } | undefined> {
  // A handful of rows, at start only.
  return tx.get('select id from token where team_id is null limit 1');
}

/** Removes the stored operator's token. */
export async function deleteOperatorTokens(tx: Statements): Promise<void> {
  // A handful of rows, at start only.
  await tx.run('delete from token where team_id is null');
}

/** Notes that a token was used. */
export async function touchToken(tx: Statements, id: string, now: number): Promise<void> {
  // By primary key.
  await tx.run('update token set last_used_at = ?2 where id = ?1', [id, now]);
}
