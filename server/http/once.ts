import type { Caller, OnceScope } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Statements } from '../storage/database.ts';
import { claim, idempotencyKeyReused, record, type StoredReply } from '../storage/idempotency.ts';
import { seal, unseal } from '../token/seal.ts';
import { type Asker, type Audited, record as recordAudit } from './audit.ts';
import type { AppDeps } from './deps.ts';
import type { AnyReply, OperationId, Reply } from './operation.ts';

/** What a mutation came to, inside its transaction. */
export interface Effect<R> {
  reply: R;
  /** What was created or changed: deleting it forgets the reply. */
  resourceId: string | null;
  /** True when the reply holds a secret that is shown once: it is then sealed where it is kept. */
  isSecret?: boolean;
  /** What the audit log is told, in the same transaction. */
  audit?: Audited;
  /** Done after the commit, and not when an earlier reply is repeated. */
  afterCommit?: () => void;
}

/**
 * Carries a mutation out in one transaction; under an Idempotency-Key at most once, its reply being kept in that same
 * transaction. A concurrent twin waits for the first and then repeats its reply. A throw keeps nothing.
 * @throws Problem 422 `idempotency_key_reused`, 409 `idempotency_other_token`, and whatever `work` throws.
 */
export async function carryOut<Id extends OperationId>(
  { db, clock }: Pick<AppDeps, 'db' | 'clock'>,
  request: Asker & { once: OnceScope | undefined },
  work: (tx: Statements, now: number) => Promise<Effect<Reply<Id>>>,
): Promise<Reply<Id>> {
  const { once, caller } = request;
  const effect = await db.transaction(async (tx): Promise<Effect<Reply<Id>>> => {
    const now = clock.now();
    const changed = async (): Promise<Effect<Reply<Id>>> => {
      const effect = await work(tx, now);
      if (effect.audit !== undefined) await recordAudit(tx, request, effect.audit, now);
      return effect;
    };
    if (once === undefined) return changed();
    const earlier = await claim(tx, once, now);
    if (earlier !== undefined) return { reply: repeat<Id>(earlier, once, caller), resourceId: null };
    const fresh = await changed();
    await keep(tx, once, caller, fresh, now);
    return fresh;
  });
  effect.afterCommit?.();
  return effect.reply;
}

/**
 * Claims the key of a request whose items are committed one by one, each once by itself under `onceForItem`: a request that
 * was cut off half way can be sent again, and only what is missing is done. Answers whether the request was made before.
 * @throws Problem 422 `idempotency_key_reused`.
 */
export async function claimForItems({ db, clock }: Pick<AppDeps, 'db' | 'clock'>, once: OnceScope): Promise<boolean> {
  const now = clock.now();
  const earlier = await db.transaction(async (tx) => {
    const found = await claim(tx, once, now);
    // The reply is made anew from what became of the items.
    const kept = { status: 202, headers: '{}', reply: '', isSealed: false, resourceId: null };
    if (found === undefined) await record(tx, once, kept, now);
    return found;
  });
  if (earlier !== undefined && earlier.hash !== once.hash) throw idempotencyKeyReused(once.key);
  return earlier !== undefined;
}

/** The scope of one item of such a request. The line break keeps it apart from every key that a caller can send. */
export function onceForItem(once: OnceScope, index: number): OnceScope {
  return { ...once, key: `${once.key}\n${once.hash} ${index}` };
}

async function keep(
  tx: Statements,
  once: OnceScope,
  caller: Caller,
  { reply, resourceId, isSecret = false }: Effect<AnyReply>,
  now: number,
): Promise<void> {
  const text = JSON.stringify(reply.body ?? null);
  const kept = {
    status: reply.status,
    headers: JSON.stringify(reply.headers ?? {}),
    reply: isSecret ? seal(text, caller.presented, purpose(once)) : text,
    isSealed: isSecret,
    resourceId,
  };
  await record(tx, once, kept, now);
}

function repeat<Id extends OperationId>(earlier: StoredReply, once: OnceScope, caller: Caller): Reply<Id> {
  if (earlier.hash !== once.hash) throw idempotencyKeyReused(once.key);
  const text = earlier.is_sealed === 1 ? unseal(earlier.reply, caller.presented, purpose(once)) : earlier.reply;
  if (text === null)
    throw new Problem(
      409,
      'idempotency_other_token',
      'This request was made before with another token, and its reply holds a secret that only that token can see again. Use that token, or a new Idempotency-Key.',
    );
  const headers = { ...(JSON.parse(earlier.headers) as Record<string, string>), 'Idempotency-Replayed': 'true' };
  // What was kept was a reply of this operation.
  return { status: earlier.status, headers, body: text } as AnyReply as Reply<Id>;
}

function purpose({ teamId, operation, key }: OnceScope): string {
  return `${teamId} ${operation} ${key}`;
}
