/** The statements of `Idempotency-Key`: a request's reply is kept in the transaction that has its effect. */
import type { OnceScope } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Statements } from './database.ts';

/** How long a reply is repeated. */
export const REPLY_LIFE_MS = 24 * 3600 * 1000;

/** What a request came to, as it is kept. */
export interface ReplyRecord {
  status: number;
  /** JSON object. */
  headers: string;
  reply: string;
  /** Whether `reply` is sealed, because it holds a secret that is shown once. */
  isSealed: boolean;
  /** What the request created or changed: deleting it forgets the reply. */
  resourceId: string | null;
}

/** The kept reply of an earlier request under the same key; `hash` tells whether that request was the same. */
export interface StoredReply {
  hash: string;
  status: number;
  headers: string;
  reply: string;
  is_sealed: number;
}

/**
 * Takes a key for this transaction: undefined when the request is the first under it, else the earlier reply.
 * A twin in another transaction waits here until the first one commits (then it gets the reply) or rolls back.
 */
export async function claim(tx: Statements, scope: OnceScope, now: number): Promise<StoredReply | undefined> {
  // Status 0 marks a key that is taken but has no reply: the request failed after all, so the next one is the first.
  const taken = await tx.run(
    `insert into idempotency (team_id, operation, key, hash, status, headers, reply, is_sealed, resource_id, expires_at)
     values (?1, ?2, ?3, ?4, 0, '{}', '', 0, null, ?5)
     on conflict (team_id, operation, key) do update
       set hash = excluded.hash, status = 0, headers = '{}', reply = '', is_sealed = 0, resource_id = null,
         expires_at = excluded.expires_at
       where idempotency.status = 0 or idempotency.expires_at <= ?6`,
    [scope.teamId, scope.operation, scope.key, scope.hash, now + REPLY_LIFE_MS, now],
  );
  if (taken === 1) return undefined;
  // By primary key.
  return tx.get<StoredReply>(
    'select hash, status, headers, reply, is_sealed from idempotency where team_id = ?1 and operation = ?2 and key = ?3',
    [scope.teamId, scope.operation, scope.key],
  );
}

/** Keeps the reply for a key that this transaction has claimed, for 24 hours from `now`. */
export async function record(tx: Statements, scope: OnceScope, reply: ReplyRecord, now: number): Promise<void> {
  // By primary key; the row is this transaction's own.
  await tx.run(
    `update idempotency set status = ?4, headers = ?5, reply = ?6, is_sealed = ?7, resource_id = ?8, expires_at = ?9
     where team_id = ?1 and operation = ?2 and key = ?3`,
    [
      scope.teamId,
      scope.operation,
      scope.key,
      reply.status,
      reply.headers,
      reply.reply,
      reply.isSealed ? 1 : 0,
      reply.resourceId,
      now + REPLY_LIFE_MS,
    ],
  );
}

/**
 * Forgets the replies about a resource that is being deleted: a client that sends one fixed key per workflow must get a
 * living hook when it subscribes again, not the reply of the dead one.
 */
export async function forgetReplies(tx: Statements, teamId: string, resourceId: string): Promise<void> {
  // By the index of resources.
  await tx.run('delete from idempotency where team_id = ?1 and resource_id = ?2', [teamId, resourceId]);
}

/** Another request came under a key that was used before. */
export function idempotencyKeyReused(key: string): Problem {
  return new Problem(
    422,
    'idempotency_key_reused',
    `The Idempotency-Key "${key}" was used for another request. Use a new key for each new request.`,
  );
}
