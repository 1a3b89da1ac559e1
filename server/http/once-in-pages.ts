import type { OnceScope } from '../model.ts';
import type { Statements } from '../storage/database.ts';
import { claim, idempotencyKeyReused, record } from '../storage/idempotency.ts';
import type { AppDeps } from './deps.ts';

/** How far a mutation of several transactions has come: plain data. */
export interface Progress {
  isDone: boolean;
}

/** A mutation of several transactions. */
export interface Paged<P extends Progress> {
  begin(now: number): P;
  /** Does the next part, in one transaction. A throw undoes that part. */
  next(tx: Statements, progress: P, now: number): Promise<{ progress: P; afterCommit?: () => void }>;
}

/**
 * Carries out a mutation that is too large for one transaction. Under an Idempotency-Key its progress is kept in the
 * transaction of each part: the same request goes on where an earlier one was cut off, twins take turns at the parts, and
 * after the last one the outcome is repeated.
 * @returns the outcome, and whether it had been reached before.
 * @throws Problem 422 `idempotency_key_reused`, and whatever `next` throws.
 */
export async function carryOutInPages<P extends Progress>(
  { db, clock }: Pick<AppDeps, 'db' | 'clock'>,
  once: OnceScope | undefined,
  work: Paged<P>,
): Promise<{ outcome: P; isRepeat: boolean }> {
  let outcome = work.begin(clock.now());
  for (let part = 0; ; part += 1) {
    const done = await db.transaction(async (tx) => {
      const now = clock.now();
      const before = (once && (await kept<P>(tx, once, now))) ?? outcome;
      if (before.isDone) return { progress: before, isRepeat: part === 0 };
      const after = await work.next(tx, before, now);
      if (once !== undefined) await keep(tx, once, after.progress, now);
      return { ...after, isRepeat: false };
    });
    if ('afterCommit' in done) done.afterCommit?.();
    outcome = done.progress;
    if (outcome.isDone) return { outcome, isRepeat: done.isRepeat };
  }
}

/** What an earlier part has kept; the key's row is held until the transaction ends. */
async function kept<P>(tx: Statements, once: OnceScope, now: number): Promise<P | undefined> {
  const earlier = await claim(tx, once, now);
  if (earlier === undefined) return undefined;
  if (earlier.hash !== once.hash) throw idempotencyKeyReused(once.key);
  return JSON.parse(earlier.reply) as P;
}

async function keep(tx: Statements, once: OnceScope, progress: object, now: number): Promise<void> {
  const reply = { status: 202, headers: '{}', reply: JSON.stringify(progress), isSealed: false, resourceId: null };
  await record(tx, once, reply, now);
}
