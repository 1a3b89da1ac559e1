import type { Statements } from './database.ts';

/** A row of `team`. */
export interface TeamRow {
  id: string;
  name: string;
  created_at: number;
}

/** Adds a team; false when there is one of that id, which then stays as it is. */
export async function insertTeam(tx: Statements, team: TeamRow): Promise<boolean> {
  // A taken id changes nothing.
  const changed = await tx.run(
    'insert into team (id, name, last_seq, created_at) values (?1, ?2, 0, ?3) on conflict (id) do nothing',
    [team.id, team.name, team.created_at],
  );
  return changed === 1;
}

/** A team by its id. */
export function readTeam(db: Statements, id: string): Promise<TeamRow | undefined> {
  // By primary key.
  return db.get<TeamRow>('select id, name, created_at from team where id = ?1', [id]);
}
