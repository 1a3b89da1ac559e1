import type { RunningReplay } from '../storage/replays.ts';

/** What a replay has waiting in its lane drains in about this time, so a live delivery waits hardly longer for it. */
const AHEAD_MS = 100;
export const MOST_AHEAD = 50;
/** Pages follow each other at least this far apart, so that a replay leaves most of the process to others. */
const PAGE_EVERY_MS = 50;
/** While an endpoint has failed this often in a row, its replay tries few deliveries now and then, and makes no heap of retries. */
const FAILING_AFTER = 20;
const FAILING_EVERY_MS = 10_000;
const FAILING_PAGE = 10;

/** What a replay may do now. */
export interface Pace {
  /** Deliveries to make; 0 when it is to wait. */
  size: number;
  /** So many may wait in the lane besides those that may be under way. */
  ahead: number;
}

/**
 * The pace of a replay: its lane is kept busy, and little more. All that is due in the lane counts, live deliveries too, which
 * so go first. Besides what may be under way, as much may wait as the lane got through in a tenth of a second: at least one, at
 * most 50 deliveries, at most twice of what it was at the page before. (Pages of 100 made the p99 of live deliveries 46 to
 * 85 ms, pages of 50 some 25 ms, against 7 ms without a replay; pages of 25, twice as often, were no better.)
 * @param now epoch milliseconds
 */
export function paceOf(replay: RunningReplay, now: number): Pace {
  const { backlog, due, max_in_flight, page, rate_limit } = replay;
  // The clock may have been set back.
  const elapsed = Math.max(Math.abs(now - replay.updated_at), 1);
  if (replay.consecutive_failures >= FAILING_AFTER) {
    const isTime = elapsed >= FAILING_EVERY_MS && due < FAILING_PAGE;
    return { size: isTime ? FAILING_PAGE : 0, ahead: 1 };
  }
  const drained = Math.round((Math.max(backlog - due, 0) / elapsed) * AHEAD_MS);
  const ahead = Math.max(1, Math.min(drained, 2 * page, MOST_AHEAD));
  if (page > 0 && elapsed < PAGE_EVERY_MS) return { size: 0, ahead };
  // A rate limit lets fewer start in a second.
  const underWay = Math.min(max_in_flight, Math.ceil(rate_limit ?? max_in_flight));
  return { size: Math.min(Math.max(underWay + ahead - due, 0), MOST_AHEAD), ahead };
}
