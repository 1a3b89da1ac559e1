import type { SendResult } from '../egress/send-result.ts';
import type { BackOffState } from '../model.ts';
import { parseRetryAfter } from './retry.ts';

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;
/** What a `Retry-After` may ask for at most. */
const LONGEST_ASKED_MS = 5 * 60_000;
/** Each wait is drawn from `wait x (1 ± jitter)`, so that lanes of one host do not come back in step. */
const JITTER = 0.2;

/**
 * Whether a whole lane holds its breath. A receiver that times out, or says 429 or 503, has too much to do: its lane waits
 * 1 s, then twice as long each time in a row (at most 1 minute; 5 where a `Retry-After` asks for it). After
 * that, and after any time-out, one attempt at a time probes it until one succeeds.
 */
export class BackOff {
  #until: number;
  #level: number;

  constructor(state: BackOffState) {
    this.#until = state.backoff_until ?? 0;
    this.#level = state.backoff_level;
  }

  /** One attempt at a time, until a success. */
  get isProbing(): boolean {
    return this.#level > 0;
  }

  /** When the lane may send again, in epoch milliseconds. */
  readyAt(now: number): number {
    // No wait is longer than this, whatever the clock has done meanwhile.
    if (this.#until > now + LONGEST_ASKED_MS) this.#until = now + LONGEST_MS;
    return this.#until;
  }

  /** As it is written down, so that it outlives the lease. */
  get state(): BackOffState {
    return { backoff_until: this.#level === 0 ? null : this.#until, backoff_level: this.#level };
  }

  /** A success opens the lane. */
  succeed(): void {
    this.#level = 0;
    this.#until = 0;
  }

  /**
   * Notes a failed attempt that began at `startedAt`. Of several that were open together only the first counts: the others
   * tell of the same moment.
   * @param random a number in [0, 1)
   */
  fail(result: SendResult, startedAt: number, now: number, random: number): void {
    if (!isOverloaded(result) || startedAt < this.#until) return;
    const step = Math.min(FIRST_MS * 2 ** this.#level, LONGEST_MS);
    const asked = parseRetryAfter(result.retryAfter, now) ?? 0;
    const wait = Math.max(Math.min(asked, LONGEST_ASKED_MS), step * (1 + JITTER * (2 * random - 1)));
    this.#level += 1;
    this.#until = now + Math.round(wait);
  }
}

function isOverloaded({ status, timedOut }: SendResult): boolean {
  return timedOut || status === 429 || status === 503;
}
