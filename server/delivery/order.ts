import type { DueDelivery } from '../storage/due.ts';

/** A delivery that failed, and holds those behind it. */
interface Holder {
  id: string;
  dueAt: number;
  retryAt: number;
}

/**
 * The order of an ordered lane: of each ordering key one delivery at a time, first in, first out. One that failed holds its
 * key until it is delivered or dead; what stands behind it is not kept in memory but read again when its time comes, so
 * that any number of keys may be held.
 */
export class Order {
  readonly #busy = new Set<string>();
  readonly #held = new Map<string, Holder>();

  /** Whether some key is held. */
  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  /** When the first held key may be tried again, in epoch milliseconds; null when none is held. */
  get nextRetryAt(): number | null {
    let next: number | null = null;
    for (const { retryAt } of this.#held.values()) if (next === null || retryAt < next) next = retryAt;
    return next;
  }

  /** Whether a delivery that was read may wait in memory: not when its key is held, nor when it is what holds it. */
  admits(delivery: DueDelivery, now: number): boolean {
    const key = keyOf(delivery);
    if (this.#held.has(key)) return false;
    if (delivery.retry_at === null || delivery.retry_at <= now) return true;
    this.#held.set(key, { id: delivery.id, dueAt: delivery.due_at, retryAt: delivery.retry_at });
    return false;
  }

  /** Takes the first delivery whose key is free out of `waiting`. */
  take(waiting: DueDelivery[]): DueDelivery | undefined {
    const index = waiting.findIndex((delivery) => !this.#busy.has(keyOf(delivery)));
    if (index === -1) return undefined;
    const [delivery] = waiting.splice(index, 1);
    if (delivery !== undefined) this.#busy.add(keyOf(delivery));
    return delivery;
  }

  /** A delivery is over: its key is free for the next. */
  free(delivery: DueDelivery): void {
    this.#busy.delete(keyOf(delivery));
  }

  /** A delivery failed and is tried again at `retryAt`: its key is held. Answers with what may go on waiting. */
  hold(delivery: DueDelivery, retryAt: number, waiting: readonly DueDelivery[]): DueDelivery[] {
    const key = keyOf(delivery);
    this.#busy.delete(key);
    this.#held.set(key, { id: delivery.id, dueAt: delivery.due_at, retryAt });
    return waiting.filter((other) => keyOf(other) !== key);
  }

  /** Lets go of the keys whose time has come; answers with the due time from which to read again, or undefined. */
  release(now: number): number | undefined {
    let from: number | undefined;
    for (const [key, { dueAt, retryAt }] of this.#held) {
      if (retryAt > now) continue;
      this.#held.delete(key);
      if (from === undefined || dueAt < from) from = dueAt;
    }
    return from;
  }

  /** Forgets which keys are held: everything is read again. What is open stays busy. */
  restart(): void {
    this.#held.clear();
  }
}

/** Deliveries without a key are in one order together. */
function keyOf({ ordering_key: key }: DueDelivery): string {
  return key ?? '';
}
