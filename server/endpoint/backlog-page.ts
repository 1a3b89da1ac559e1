import {
  BACKLOG_PAGE_SIZE,
  cancelPage,
  endBacklogChange,
  holdPage,
  releasePage,
  takeBacklogChange,
} from '../storage/backlog-changes.ts';
import type { Statements } from '../storage/database.ts';
import { armReleasing, openLane, takeLane } from '../storage/endpoint-gate.ts';

/** Asks for the next page of the change of an endpoint's backlog. Plain data: on SQLite it travels to the writing thread. */
export interface BacklogPageRequest {
  teamId: string;
  endpointId: string;
  /** Epoch milliseconds. */
  now: number;
}

/** What came of it: whether deliveries became due. */
export interface BacklogPageResult {
  isDue: boolean;
}

/** The name under which a store knows the procedure below. */
export const BACKLOG_PAGE = 'backlog-page';

/**
 * Changes a page of what waits for an endpoint, in one transaction. Locks are taken in the order lane, change, deliveries, as
 * those who begin a change do; the lane of a deleted endpoint is gone, and what waited for it is cancelled without.
 */
export async function backlogPage(tx: Statements, request: BacklogPageRequest): Promise<BacklogPageResult> {
  const { teamId, endpointId, now } = request;
  const lane = await takeLane(tx, teamId, endpointId);
  const change = await takeBacklogChange(tx, teamId, endpointId);
  switch (change?.kind) {
    case 'hold': {
      if (!(await holdPage(tx, teamId, endpointId))) await endBacklogChange(tx, teamId, endpointId);
      return { isDue: false };
    }
    case 'release': {
      const released = await releasePage(tx, teamId, endpointId, now);
      const isLast = released < BACKLOG_PAGE_SIZE;
      await armReleasing(tx, teamId, endpointId, { isLast, dueAt: released > 0 ? now : null });
      if (isLast) await endBacklogChange(tx, teamId, endpointId);
      return { isDue: released > 0 };
    }
    case 'cancel': {
      if (await cancelPage(tx, teamId, endpointId, change.through_id ?? '', now)) return { isDue: false };
      await endBacklogChange(tx, teamId, endpointId);
      // What came while the lane was closed for the cancel may again be more than a page.
      return { isDue: change.then_open === 1 && lane !== undefined && (await openLane(tx, teamId, endpointId, now)) };
    }
    default:
      return { isDue: false };
  }
}
