import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Caller } from '../model.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import type { Database } from '../storage/database.ts';
import { readTokenByHash, type TokenRow, touchToken } from '../storage/tokens.ts';
import { ABILITIES } from './abilities.ts';
import { hashToken, isMistyped } from './token-text.ts';

/** The team that the operator acts for unless a request names another. It is there from the first start. */
export const DEFAULT_TEAM = 'default';
/** How long a token that was found is taken for valid without asking the database again. */
const CACHE_MS = 5000;
/** How often a token's use is written down, in milliseconds. */
const USE_EVERY_MS = 60_000;
/** More tokens than this in use within 5 s start the cache anew. */
const CACHE_SIZE = 10_000;

export interface AuthenticationParts {
  db: Database;
  clock: Clock;
  /** SHA-256 (hex) of the operator's token where the environment sets one; null when it is stored like the others. */
  operatorTokenHash: string | null;
}

export interface Authentication {
  /**
   * Who presents this `Authorization` header.
   * @throws Problem 401 `token_missing`, `token_malformed`, `token_unknown` or `token_expired`.
   */
  authenticate(authorization: string | undefined): Promise<Caller>;
  /** Makes this process refuse a revoked token at once; others do within 5 s. */
  forget(hash: string): void;
}

/**
 * Looks tokens up by their hash, and remembers for 5 s which were found: a publish then costs no read, no hash and no checksum.
 * Unknown tokens are not remembered, so that a new one works at once.
 */
export function createAuthentication({ db, clock, operatorTokenHash }: AuthenticationParts): Authentication {
  /** By the token as presented. */
  const found = new Map<string, { caller: Caller; hash: string; until: number }>();
  const everything = new Set<string>(ABILITIES);
  let revocations = 0;

  async function lookUp(presented: string, hash: string): Promise<Caller> {
    if (operatorTokenHash !== null && sameHash(hash, operatorTokenHash))
      return {
        tokenId: 'operator',
        teamId: DEFAULT_TEAM,
        isOperator: true,
        isTest: false,
        expiresAt: null,
        abilities: everything,
        projects: null,
        presented,
      };
    const row = await readTokenByHash(db, hash);
    if (row === undefined)
      throw unauthorized('token_unknown', 'This token is unknown, or it was revoked.', 'invalid_token');
    noteUse(row);
    return callerOf(row, presented, everything);
  }

  /** Beside the request: nobody waits for it, and a failure costs a minute's knowledge. */
  function noteUse({ id, last_used_at: last }: TokenRow): void {
    const now = clock.now();
    if (last !== null && now - last < USE_EVERY_MS) return;
    db.transaction((tx) => touchToken(tx, id, now)).catch(() => undefined);
  }

  return {
    async authenticate(authorization) {
      const presented = /^bearer +(.+)$/i.exec(authorization ?? '')?.[1]?.trim();
      if (presented === undefined)
        throw unauthorized('token_missing', 'Send a token: "Authorization: Bearer hkl_…".', undefined);
      const now = clock.now();
      const known = found.get(presented);
      // A clock that was set back must not make it last longer.
      if (known !== undefined && known.until > now && known.until <= now + CACHE_MS) return living(known.caller, now);
      found.delete(presented);
      if (isMistyped(presented))
        throw unauthorized(
          'token_malformed',
          'This token is cut off or mistyped: its checksum does not fit. Copy it whole.',
          'invalid_token',
        );
      const hash = hashToken(presented);
      const before = revocations;
      const caller = living(await lookUp(presented, hash), now);
      if (found.size >= CACHE_SIZE) found.clear();
      // A token revoked during the look-up must not come back through the cache.
      if (before === revocations) found.set(presented, { caller, hash, until: now + CACHE_MS });
      return caller;
    },
    forget(hash) {
      revocations += 1;
      for (const [presented, known] of found) if (known.hash === hash) found.delete(presented);
    },
  };
}

/** @throws Problem 401 `token_expired` */
function living(caller: Caller, now: number): Caller {
  if (caller.expiresAt !== null && caller.expiresAt <= now)
    throw unauthorized('token_expired', 'This token has expired. Make a new one.', 'invalid_token');
  return caller;
}

function callerOf(row: TokenRow, presented: string, everything: ReadonlySet<string>): Caller {
  const isOperator = row.team_id === null;
  return {
    tokenId: row.id,
    teamId: row.team_id ?? DEFAULT_TEAM,
    isOperator,
    isTest: row.mode === 'test',
    expiresAt: row.expires_at,
    abilities: isOperator ? everything : new Set(JSON.parse(row.abilities) as string[]),
    projects: JSON.parse(row.projects ?? 'null') as string[] | null,
    presented,
  };
}

function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function unauthorized(code: ProblemCode, detail: string, error: string | undefined): Problem {
  const challenge = error === undefined ? 'Bearer realm="hookloom"' : `Bearer realm="hookloom", error="${error}"`;
  return new Problem(401, code, detail, { headers: { 'WWW-Authenticate': challenge } });
}
