/** The statements of bodies that are frozen after an event's fan-out. */
import type { Statements } from './database.ts';

/** Whether an event has a body in a dialect. */
export async function hasBody(tx: Statements, teamId: string, eventId: string, dialect: string): Promise<boolean> {
  // By primary key.
  const row = await tx.get('select 1 as found from event_body where team_id = ?1 and event_id = ?2 and dialect = ?3', [
    teamId,
    eventId,
    dialect,
  ]);
  return row !== undefined;
}

/** Freezes an event's body in a dialect; one that was frozen meanwhile stays. */
export async function insertBody(
  tx: Statements,
  event: { team_id: string; id: string; accepted_at: number },
  dialect: string,
  body: string,
): Promise<void> {
  // A twin in another transaction is waited for.
  await tx.run(
    `insert into event_body (team_id, event_id, accepted_at, dialect, body) values (?1, ?2, ?3, ?4, ?5)
     on conflict do nothing`,
    [event.team_id, event.id, event.accepted_at, dialect, body],
  );
}
