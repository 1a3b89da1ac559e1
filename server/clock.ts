/** The only source of time in the server, so that tests can move it. All times are epoch milliseconds. */
export interface Clock {
  /** The time now, in epoch milliseconds. */
  now(): number;
  /** Calls `action` once after `ms` milliseconds; the returned function cancels it. Never keeps the process alive. */
  after(ms: number, action: () => void): () => void;
}

/** Node fires a timer of more than 2^31 - 1 ms at once, so longer waits are cut to this. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  after(ms, action) {
    const timer = setTimeout(action, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
