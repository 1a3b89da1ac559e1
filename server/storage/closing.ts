import type { Statements } from './database.ts';

/** The last statements of transactions whose store takes the commit along with them. */
const closings = new WeakMap<Statements, Promise<unknown>[]>();

/**
 * Does the last work of a transaction: nothing may depend on it but the commit. A store that can sends the commit along with
 * it, in one round trip; if it fails, so does the transaction.
 */
export async function close(tx: Statements, work: Promise<unknown>): Promise<void> {
  const closing = closings.get(tx);
  if (closing === undefined) {
    await work;
    return;
  }
  // Its failure is that of the transaction, which waits for it.
  work.catch(() => undefined);
  closing.push(work);
}

/** Lets the last work of a transaction go along with its commit. @returns what it is told of, until it commits */
export function takesCommitAlong(tx: Statements): readonly Promise<unknown>[] {
  const closing: Promise<unknown>[] = [];
  closings.set(tx, closing);
  return closing;
}
