import type { Clock } from '../clock.ts';
import type { Backlog } from '../model.ts';

/** A count is repeated after this many times as long as it took, so that counting takes little of a process's time. */
const PAUSE_FACTOR = 20;
const SHORTEST_PAUSE_MS = 1000;
/** How long a scrape waits for a count that is under way before it answers with the last one. */
const PATIENCE_MS = 100;

/**
 * Reads the backlog when asked, but not more often than it costs little. Answers with the last count, or undefined before
 * the first one and while the database is away.
 */
export function watchBacklog(count: () => Promise<Backlog>, clock: Clock): () => Promise<Backlog | undefined> {
  let last: Backlog | undefined;
  let running: Promise<void> | undefined;
  let mayCountAt = Number.NEGATIVE_INFINITY;

  async function refresh(): Promise<void> {
    const started = performance.now();
    try {
      last = await count();
    } catch {
      // /readyz and the log tell that the database is away; here the numbers are missing.
      last = undefined;
    }
    running = undefined;
    mayCountAt = performance.now() + Math.max(SHORTEST_PAUSE_MS, PAUSE_FACTOR * (performance.now() - started));
  }

  return async () => {
    if (running === undefined && performance.now() >= mayCountAt) running = refresh();
    if (running !== undefined)
      await Promise.race([running, new Promise<void>((resolve) => clock.after(PATIENCE_MS, resolve))]);
    return last;
  };
}
