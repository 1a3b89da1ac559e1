/** How early one may start, so that a rate above what timers can keep (one start a millisecond) leaves in small bursts. */
const EARLY_MS = 10;

/**
 * Keeps a lane's rate limit: starts are spread evenly, one in `1000 / rate` milliseconds (the generic cell rate algorithm).
 * It lives in memory, because a lane has one owner.
 */
export class Pace {
  /** When the next start would be due if every one came exactly in time. */
  #dueAt = 0;

  /** When the next one may start, in epoch milliseconds; `now` or before when at once. */
  readyAt(now: number, rate: number | null): number {
    if (rate === null) return now;
    // A clock that was set back must not leave the lane waiting for the time in which it was ahead.
    const latest = now + EARLY_MS + 1000 / rate;
    if (this.#dueAt > latest) this.#dueAt = latest;
    return this.#dueAt - EARLY_MS;
  }

  /** Notes that one has started. */
  start(now: number, rate: number | null): void {
    if (rate !== null) this.#dueAt = Math.max(this.#dueAt, now) + 1000 / rate;
  }
}
