/** The statements of sealed columns, for sealing them anew. */
import type { Database, Statements } from './database.ts';

/** An endpoint's sealed columns. */
export interface Sealed {
  team_id: string;
  id: string;
  secret: string;
  previous_secret: string | null;
  headers: string;
  credentials: string | null;
  client_certificate: string | null;
}

const COLUMNS = 'team_id, id, secret, previous_secret, headers, credentials, client_certificate';

/** The next endpoints of any team, past the one given. */
export function listSealed(db: Database, after: { team_id: string; id: string }, limit: number): Promise<Sealed[]> {
  // Forward over the primary key.
  return db.all(`select ${COLUMNS} from endpoint where (team_id, id) > (?1, ?2) order by team_id, id limit ?3`, [
    after.team_id,
    after.id,
    limit,
  ]);
}

/** One endpoint's. */
export function readSealed(tx: Statements, teamId: string, id: string): Promise<Sealed | undefined> {
  // By primary key; the caller holds the endpoint's lane.
  return tx.get(`select ${COLUMNS} from endpoint where team_id = ?1 and id = ?2`, [teamId, id]);
}

/** Writes one endpoint's. */
export async function updateSealed(tx: Statements, row: Sealed): Promise<void> {
  // By primary key; the caller holds the endpoint's lane.
  await tx.run(
    `update endpoint set secret = ?3, previous_secret = ?4, headers = ?5, credentials = ?6, client_certificate = ?7
     where team_id = ?1 and id = ?2`,
    [row.team_id, row.id, row.secret, row.previous_secret, row.headers, row.credentials, row.client_certificate],
  );
}
