/** The statements of a retry that somebody asks for. The caller holds the lane. */
import type { DeliveryRow } from '../model.ts';
import type { Statements } from './database.ts';

/** Makes a delivery whose retry is scheduled due now. */
export async function makeDueNow(tx: Statements, teamId: string, id: string, now: number): Promise<void> {
  // Only if it still waits for its retry; in an ordered lane it keeps its place.
  await tx.run(
    `update delivery set due_at = case when retry_at is null then ?3 else due_at end, retry_at = null
     where team_id = ?1 and id = ?2 and status = 'failed' and coalesce(retry_at, due_at) > ?3`,
    [teamId, id, now],
  );
}

/** Adds a delivery of the same event and the same frozen body, due now. */
export async function insertReplay(tx: Statements, original: DeliveryRow, id: string, now: number): Promise<void> {
  // The body is found by event and dialect, both taken over.
  await tx.run(
    `insert into delivery (team_id, id, endpoint_id, event_id, event_at, type, dialect, status, due_at,
       attempt_count, ordering_key, replay_of, created_at)
     values (?1, ?2, ?3, ?4, ?9, ?5, ?6, 'pending', ?7, 0, ?10, ?8, ?7)`,
    [
      original.team_id,
      id,
      original.endpoint_id,
      original.event_id,
      original.type,
      original.dialect,
      now,
      original.id,
      original.event_at,
      original.ordering_key,
    ],
  );
}
