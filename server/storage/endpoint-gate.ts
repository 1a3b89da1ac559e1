/** The statements that hold, release and cancel what waits for an endpoint. The caller takes the lane first. */
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
  await tx.run('update lane set is_open = 0, next_due_at = null where team_id = ?1 and endpoint_id = ?2', [
    teamId,
    endpointId,
  ]);
  // By the index of waiting deliveries.
  await tx.run(
    "update delivery set status = 'held' where team_id = ?1 and endpoint_id = ?2 and status in ('pending', 'failed')",
    [teamId, endpointId],
  );
}

/**
 * Opens a lane with a clean record and makes what it held due. In an ordered lane each keeps its place in the queue; in
 * others all are due now, earliest made first. Answers with the number of deliveries released.
 */
export async function openLane(
  tx: Statements,
  teamId: string,
  endpointId: string,
  isOrdered: boolean,
  now: number,
): Promise<number> {
  // The failures that closed it are forgiven: one more must not close it again.
  await tx.run(
    `update lane set is_open = 1, backoff_until = null, backoff_level = 0, failing_since = null, consecutive_failures = 0
     where team_id = ?1 and endpoint_id = ?2`,
    [teamId, endpointId],
  );
  // By the index of an endpoint's deliveries. What is committed from now on may have been accepted before `now`, so only
  // places that are kept stay in front of it.
  const released = await tx.run(
    `update delivery set status = 'pending', due_at = case when cast(?4 as bigint) = 1 and due_at < ?3 then due_at else ?3 end, retry_at = null
     where team_id = ?1 and endpoint_id = ?2 and status = 'held'`,
    [teamId, endpointId, now, isOrdered ? 1 : 0],
  );
  if (released > 0) {
    // Armed in the same transaction as its work.
    await tx.run('update lane set next_due_at = ?3 where team_id = ?1 and endpoint_id = ?2', [teamId, endpointId, now]);
  }
  return released;
}

/** Cancels what a closed lane holds. */
export async function cancelHeld(tx: Statements, teamId: string, endpointId: string, now: number): Promise<void> {
  // By the index of an endpoint's deliveries.
  await tx.run(
    "update delivery set status = 'cancelled', settled_at = ?3 where team_id = ?1 and endpoint_id = ?2 and status = 'held'",
    [teamId, endpointId, now],
  );
}

/** Cancels what waits for an endpoint. */
export async function cancelWaiting(tx: Statements, teamId: string, endpointId: string, now: number): Promise<void> {
  // By the index of an endpoint's deliveries; what is final stays as it is.
  await tx.run(
    `update delivery set status = 'cancelled', settled_at = ?3
     where team_id = ?1 and endpoint_id = ?2 and status in ('pending', 'failed', 'held')`,
    [teamId, endpointId, now],
  );
}
