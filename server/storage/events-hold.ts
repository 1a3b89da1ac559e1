/** The statements that hold events against being pruned while a new delivery of them is made. */
import type { Statements } from './database.ts';
import { inChunks, perCount } from './rows.ts';

/**
 * Holds an event until the transaction ends and tells whether its payload is still there; undefined when there is no such event.
 * To be called before a delivery of a past event is inserted.
 */
export async function holdEvent(tx: Statements, teamId: string, id: string): Promise<{ isWhole: boolean } | undefined> {
  // By primary key. The lock is shared with others who do the same; retention passes over the event.
  const row = await tx.get<{ pruned_at: number | null }>(
    'select pruned_at from event where team_id = ?1 and id = ?2 /*+ for key share */',
    [teamId, id],
  );
  return row === undefined ? undefined : { isWhole: row.pruned_at === null };
}

const byId = perCount(
  (count) => `select id from event where team_id = ?1 and id in (${list(count)}) order by id /*+ for key share */`,
);

/** Holds events until the transaction ends. What is read of them after this stays as it is. */
export async function holdEvents(tx: Statements, teamId: string, ids: readonly string[]): Promise<void> {
  // By primary key.
  await inChunks(
    tx,
    ids.toSorted().map((id) => [id]),
    byId,
    [teamId],
  );
}

const ofDeliveries = perCount(
  (count) => `
  select e.id as id from delivery d join event e on e.team_id = d.team_id and e.id = d.event_id and e.accepted_at = d.event_at
  where d.team_id = ?1 and d.id in (${list(count)})
  order by e.id /*+ for key share of e */`,
);

/** Holds the events of deliveries until the transaction ends. */
export async function holdEventsOf(tx: Statements, teamId: string, deliveryIds: readonly string[]): Promise<void> {
  // By primary keys.
  await inChunks(
    tx,
    deliveryIds.map((id) => [id]),
    ofDeliveries,
    [teamId],
  );
}

function list(count: number): string {
  return Array.from({ length: count }, (_, index) => `?${index + 2}`).join(', ');
}
