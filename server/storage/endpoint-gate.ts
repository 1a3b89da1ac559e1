/**
 * What holds, releases and cancels what waits for an endpoint. The caller takes the lane first. Where much waits, the first
 * page is done at once and the rest is noted as a change of the backlog, which goes on in the background: one transaction over
 * 100,000 deliveries took 5 s on PostgreSQL, and every publish to the endpoint waited for it.
 */
import {
  BACKLOG_PAGE_SIZE,
  cancelPage,
  endBacklogChange,
  holdPage,
  lastDeliveryId,
  putBacklogChange,
  releasePage,
  takeBacklogChange,
} from './backlog-changes.ts';
import type { Statements } from './database.ts';

/** What a change of an endpoint needs to know of its lane. */
export interface HeldLane {
  is_open: number;
  consecutive_failures: number;
  failing_since: number | null;
}

/**
 * Takes an endpoint's lane until the transaction ends; undefined when the endpoint is gone. Always the first statement
 * of a change: publishers share a lock on the lane, so that a delivery is committed either before the change, and is
 * seen by it, or after it, and sees it.
 */
export function takeLane(tx: Statements, teamId: string, endpointId: string): Promise<HeldLane | undefined> {
  // By primary key.
  return tx.get<HeldLane>(
    'select is_open, consecutive_failures, failing_since from lane where team_id = ?1 and endpoint_id = ?2 /*+ for update */',
    [teamId, endpointId],
  );
}

/** Closes a lane and holds what waits in it. */
export async function closeLane(tx: Statements, teamId: string, endpointId: string): Promise<void> {
  // By primary key.
  await tx.run(
    'update lane set is_open = 0, is_releasing = 0, next_due_at = null where team_id = ?1 and endpoint_id = ?2',
    [teamId, endpointId],
  );
  const underWay = await takeBacklogChange(tx, teamId, endpointId);
  // A cancel goes on, and what it does not concern is held already; but the lane stays closed after it.
  if (underWay?.kind === 'cancel') await putBacklogChange(tx, { ...underWay, then_open: 0 });
  else await goOn(tx, teamId, endpointId, 'hold', await holdPage(tx, teamId, endpointId));
}

/**
 * Opens a lane with a clean record and makes what it held due. While what waited before is still being cancelled the lane
 * stays closed, and opens when that is over. Answers with whether deliveries became due.
 */
export async function openLane(tx: Statements, teamId: string, endpointId: string, now: number): Promise<boolean> {
  const underWay = await takeBacklogChange(tx, teamId, endpointId);
  if (underWay?.kind === 'cancel') {
    await putBacklogChange(tx, { ...underWay, then_open: 1 });
    return false;
  }
  const released = await releasePage(tx, teamId, endpointId, now);
  const hasMore = released === BACKLOG_PAGE_SIZE;
  await goOn(tx, teamId, endpointId, 'release', hasMore);
  // What was not held yet is still due.
  const isDue = released > 0 || underWay !== undefined;
  // The failures that closed it are forgiven: one more must not close it again. Armed in the same transaction as its work.
  await tx.run(
    `update lane set is_open = 1, is_releasing = ?3, next_due_at = ?4, backoff_until = null, backoff_level = 0,
       failing_since = null, consecutive_failures = 0
     where team_id = ?1 and endpoint_id = ?2`,
    [teamId, endpointId, hasMore ? 1 : 0, isDue ? now : null],
  );
  return isDue;
}

/** Arms a lane for a page that was released; after the last one, what is published goes straight in again. */
export async function armReleasing(
  tx: Statements,
  teamId: string,
  endpointId: string,
  { isLast, dueAt }: { isLast: boolean; dueAt: number | null },
): Promise<void> {
  // By primary key; earlier work keeps its earlier time.
  await tx.run(
    `update lane set is_releasing = ?3, next_due_at = case
         when cast(?4 as bigint) is null or next_due_at <= ?4 then next_due_at else ?4 end
     where team_id = ?1 and endpoint_id = ?2`,
    [teamId, endpointId, isLast ? 0 : 1, dueAt],
  );
}

/** Cancels what waits for an endpoint, and what its lane holds, up to this moment. */
export async function cancelWaiting(tx: Statements, teamId: string, endpointId: string, now: number): Promise<void> {
  await takeBacklogChange(tx, teamId, endpointId);
  // What comes later, such as what an endpoint collects that answered 410, sorts behind it.
  const throughId = await lastDeliveryId(tx, teamId, endpointId);
  if (throughId === null || !(await cancelPage(tx, teamId, endpointId, throughId, now)))
    return endBacklogChange(tx, teamId, endpointId);
  await putBacklogChange(tx, {
    team_id: teamId,
    endpoint_id: endpointId,
    kind: 'cancel',
    through_id: throughId,
    then_open: 0,
  });
}

async function goOn(
  tx: Statements,
  teamId: string,
  endpointId: string,
  kind: 'hold' | 'release',
  hasMore: boolean,
): Promise<void> {
  if (!hasMore) return endBacklogChange(tx, teamId, endpointId);
  await putBacklogChange(tx, { team_id: teamId, endpoint_id: endpointId, kind, through_id: null, then_open: 0 });
}
