import type { Clock } from '../../server/clock.ts';
import { until } from './until.ts';

/** A clock that moves only when told to; timers fire in order as time passes over them. */
export class FakeClock implements Clock {
  #now: number;
  #timers: { at: number; order: number; action: () => void }[] = [];
  #order = 0;

  constructor(now = Date.parse('2026-05-01T12:00:00Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#now + Math.max(ms, 0), order: this.#order++, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets `ms` pass. Between timers the event loop turns, so that what they start can go on. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await new Promise(setImmediate);
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
    this.#now = end;
    await new Promise(setImmediate);
  }

  /** Lets time pass in small steps until `condition` holds, so that what needs real input and output can keep up. */
  async advanceUntil(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    await until(async () => {
      await this.advance(100);
      return condition();
    }, what);
  }

  /** Moves the clock without firing anything, as an adjusted system clock does: timers run on for as long as they would. */
  set(now: number): void {
    for (const timer of this.#timers) timer.at += now - this.#now;
    this.#now = now;
  }
}
