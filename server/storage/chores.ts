/** The statements of chores: work for the whole installation that one process does at a time. */
import type { Database } from './database.ts';

/**
 * Takes a chore, or keeps it, until `until`; false while it is another's or not due yet. A row rather than a lock of
 * PostgreSQL's: that would hold a connection for as long as the chore lasts, and would not come through every pooler.
 */
export async function takeChore(
  db: Database,
  name: string,
  owner: string,
  now: number,
  until: number,
): Promise<boolean> {
  // Read first, so that whoever comes too early writes nothing. By primary key.
  const free = await db.get('select 1 as free from chore where name = ?1 and (owner = ?2 or due_at <= ?3)', [
    name,
    owner,
    now,
  ]);
  if (free === undefined) return false;
  // Of several that come at once, one finds it still free.
  const taken = await db.transaction((tx) =>
    tx.run('update chore set owner = ?2, due_at = ?4 where name = ?1 and (owner = ?2 or due_at <= ?3)', [
      name,
      owner,
      now,
      until,
    ]),
  );
  return taken === 1;
}

/** Gives a chore back: it is anybody's again at `dueAt`. */
export async function leaveChore(db: Database, name: string, owner: string, dueAt: number): Promise<void> {
  // Unless another has taken it over meanwhile.
  await db.transaction((tx) =>
    tx.run('update chore set owner = null, due_at = ?3 where name = ?1 and owner = ?2', [name, owner, dueAt]),
  );
}
