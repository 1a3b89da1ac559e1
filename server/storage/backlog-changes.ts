/** The statements that change all that waits for an endpoint, a page at a time. The caller has the lane, if there is one. */
import type { Database, Statements } from './database.ts';

/** Deliveries changed in one transaction. */
export const BACKLOG_PAGE_SIZE = 500;

/** A row of `backlog_change`: what is still to be done with what waits for an endpoint. */
export interface BacklogChange {
  team_id: string;
  endpoint_id: string;
  kind: 'hold' | 'release' | 'cancel';
  /** The last delivery that a cancel concerns; null for the other kinds. */
  through_id: string | null;
  /** 1 when the lane opens after a cancel. */
  then_open: number;
}

/** Endpoints whose backlog is being changed, past the one given. */
export function listBacklogChanges(
  db: Database,
  after: { team_id: string; endpoint_id: string },
  limit: number,
): Promise<Pick<BacklogChange, 'team_id' | 'endpoint_id'>[]> {
  // Forward over the primary key of a table that is nearly always empty.
  return db.all(
    `select team_id, endpoint_id from backlog_change where (team_id, endpoint_id) > (?1, ?2)
     order by team_id, endpoint_id limit ?3`,
    [after.team_id, after.endpoint_id, limit],
  );
}

/** What is under way for an endpoint, held until the transaction ends. */
export function takeBacklogChange(
  tx: Statements,
  teamId: string,
  endpointId: string,
): Promise<BacklogChange | undefined> {
  // By primary key.
  return tx.get(
    `select team_id, endpoint_id, kind, through_id, then_open from backlog_change
     where team_id = ?1 and endpoint_id = ?2 /*+ for update */`,
    [teamId, endpointId],
  );
}

/** Notes what is to be done, in place of what was under way. */
export async function putBacklogChange(tx: Statements, change: BacklogChange): Promise<void> {
  // By primary key.
  await tx.run(
    `insert into backlog_change (team_id, endpoint_id, kind, through_id, then_open) values (?1, ?2, ?3, ?4, ?5)
     on conflict (team_id, endpoint_id) do update
     set kind = excluded.kind, through_id = excluded.through_id, then_open = excluded.then_open`,
    [change.team_id, change.endpoint_id, change.kind, change.through_id, change.then_open],
  );
}

/** Nothing is left to be done. */
export async function endBacklogChange(tx: Statements, teamId: string, endpointId: string): Promise<void> {
  // By primary key.
  await tx.run('delete from backlog_change where team_id = ?1 and endpoint_id = ?2', [teamId, endpointId]);
}

/** The last delivery of an endpoint, final ones included; null when it never had any. */
export async function lastDeliveryId(tx: Statements, teamId: string, endpointId: string): Promise<string | null> {
  // The last entry of delivery_by_endpoint.
  const row = await tx.get<{ id: string }>(
    'select id from delivery where team_id = ?1 and endpoint_id = ?2 order by id desc limit 1',
    [teamId, endpointId],
  );
  return row?.id ?? null;
}

/**
 * Holds a page of what waits, the latest first: what is not held yet when the endpoint is taken up again then stands before
 * what is. True when there may be more.
 */
export async function holdPage(tx: Statements, teamId: string, endpointId: string): Promise<boolean> {
  // Backwards over the index of waiting deliveries.
  const held = await tx.run(
    `update delivery set status = 'held' where team_id = ?1 and status in ('pending', 'failed') and id in (
       select id from delivery where team_id = ?1 and endpoint_id = ?2 and status in ('pending', 'failed')
       order by due_at desc, id desc limit ${BACKLOG_PAGE_SIZE})`,
    [teamId, endpointId],
  );
  return held === BACKLOG_PAGE_SIZE;
}

/**
 * Makes a page of what is held due, the earliest made first. In an ordered lane each keeps its place in the queue; in others
 * all are due now. Answers with how many: fewer than a page are the last.
 */
export function releasePage(tx: Statements, teamId: string, endpointId: string, now: number): Promise<number> {
  // By the index of held deliveries. What is committed from now on may have been accepted before `now`, so only places that
  // are kept stay in front of it.
  return tx.run(
    `update delivery set status = 'pending', retry_at = null, due_at = case when due_at < ?3 and exists (
         select 1 from endpoint where endpoint.team_id = ?1 and endpoint.id = ?2 and ordered = 1) then due_at else ?3 end
     where team_id = ?1 and status = 'held' and id in (
       select id from delivery where team_id = ?1 and endpoint_id = ?2 and status = 'held'
       order by id limit ${BACKLOG_PAGE_SIZE})`,
    [teamId, endpointId, now],
  );
}

/** Cancels a page of what waits or is held, up to the delivery `throughId`. True when there may be more. */
export async function cancelPage(
  tx: Statements,
  teamId: string,
  endpointId: string,
  throughId: string,
  now: number,
): Promise<boolean> {
  // By the indexes of held and of waiting deliveries; what is final stays as it is.
  const cancelled = await tx.run(
    `update delivery set status = 'cancelled', settled_at = ?4
     where team_id = ?1 and status in ('pending', 'failed', 'held') and id in (
       select id from (
         select id from delivery where team_id = ?1 and endpoint_id = ?2 and status = 'held' and id <= ?3
         union all
         select id from delivery where team_id = ?1 and endpoint_id = ?2 and status in ('pending', 'failed') and id <= ?3
       ) waiting limit ${BACKLOG_PAGE_SIZE})`,
    [teamId, endpointId, throughId, now],
  );
  return cancelled === BACKLOG_PAGE_SIZE;
}
