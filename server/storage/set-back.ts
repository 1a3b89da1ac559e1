/** The statements that put right what a clock that was set back has left in the future. */
import type { Database } from './database.ts';

/**
 * Makes due what would otherwise wait for the time in which the clock was ahead: deliveries that were never attempted are
 * due now, retries as long after `now` as they were after their last attempt, sleeping lanes at once. Running it again, or
 * in several processes, changes nothing more.
 */
export async function bringBack(db: Database, now: number): Promise<void> {
  // Only what waits is looked at. A retry is put right once: then it is due before its last attempt was made.
  await db.transaction((tx) =>
    tx.run(
      `update delivery set
         due_at = case when retry_at is null then ?1 + due_at - a.started_at when due_at > ?1 then ?1 else due_at end,
         retry_at = ?1 + retry_at - a.started_at
       from attempt a
       where delivery.status in ('pending', 'failed') and delivery.status = 'failed'
         and a.team_id = delivery.team_id and a.delivery_id = delivery.id and a.number = delivery.attempt_count
         and a.started_at > ?1 and coalesce(retry_at, due_at) > a.started_at`,
      [now],
    ),
  );
  // By the index of waiting deliveries.
  await db.transaction((tx) =>
    tx.run(
      "update delivery set due_at = ?1 where status in ('pending', 'failed') and status = 'pending' and due_at > ?1",
      [now],
    ),
  );
  // By the index of due lanes. One that has nothing due after all is let go again for its earliest delivery.
  await db.transaction((tx) =>
    tx.run('update lane set next_due_at = ?1 where owner is null and is_open = 1 and next_due_at > ?1', [now]),
  );
}
