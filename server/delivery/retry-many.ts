import { newId } from '../id.ts';
import type { Statements } from '../storage/database.ts';
import {
  type Candidate,
  findFailed,
  findFinal,
  insertReplays,
  makeAllDueNow,
  type RetryFilter,
  takeOpenLanes,
} from '../storage/deliveries-retry-many.ts';
import { armLane } from '../storage/publishing.ts';

/** Deliveries retried in one transaction: their lanes are held meanwhile. */
const PAGE = 250;
/** Deliveries retried by one request. */
export const MOST_RETRIED = 10_000;

/** How far a retry of many deliveries has come. Plain data: it is kept between its transactions. */
export interface RetryProgress {
  startedAt: number;
  /** Deliveries made at this time or later are left alone, so that none of those made on the way is retried again. */
  until: number;
  retried: number;
  /** The last one looked at. */
  at: Candidate | null;
  isDone: boolean;
  /** Done because of `MOST_RETRIED`. */
  hasMore: boolean;
}

/**
 * Retries the next page of the deliveries that a filter lets through. What ended without success gets a replay, what waits for
 * its next attempt becomes due now. To be told to the workers after the commit: the endpoints whose lanes it armed.
 */
export async function retryPage(
  tx: Statements,
  teamId: string,
  filter: RetryFilter,
  before: RetryProgress,
  now: number,
): Promise<{ progress: RetryProgress; endpointIds: string[] }> {
  const limit = Math.min(PAGE, MOST_RETRIED - before.retried);
  const candidates =
    filter.status === 'failed'
      ? await findFailed(tx, teamId, filter, before.at, before.startedAt, limit)
      : await findFinal(tx, teamId, filter, before.at, limit);
  const lanes = await takeOpenLanes(tx, teamId, [...new Set(candidates.map((one) => one.endpoint_id))].sort());
  const ids = candidates.filter((one) => lanes.has(one.endpoint_id)).map((one) => one.id);
  // Looked at again now that the lanes are held: meanwhile others may have been retried, or settled.
  const retried =
    filter.status === 'failed'
      ? await makeAllDueNow(tx, teamId, ids, now)
      : await insertReplays(
          tx,
          teamId,
          ids.map((original) => ({ original, id: newId('dlv') })),
          now,
        );
  const endpointIds = [...new Set(retried)].sort();
  for (const endpointId of endpointIds) await armLane(tx, teamId, endpointId, now);

  const isFull = candidates.length === limit;
  const total = before.retried + retried.length;
  const progress = {
    ...before,
    retried: total,
    at: candidates.at(-1) ?? before.at,
    isDone: !isFull || total >= MOST_RETRIED,
    hasMore: isFull && total >= MOST_RETRIED,
  };
  return { progress, endpointIds };
}
