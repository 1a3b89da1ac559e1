/** The statements of the audit log. */
import type { Database, Statements } from './database.ts';
import { insertOneInto } from './rows.ts';

/** A row of `audit`. */
export interface AuditRow {
  team_id: string;
  id: string;
  at: number;
  /** Id of the token; `operator`, or `server` for what it did by itself. */
  actor: string;
  /** What was done, such as `endpoint.updated`. */
  action: string;
  /** Id of what it was done to. */
  target: string;
  /** JSON object: fields and what they became, no secret among them. */
  changes: string;
  ip: string | null;
  user_agent: string | null;
  request_id: string | null;
}

const COLUMNS = [
  'team_id',
  'id',
  'at',
  'actor',
  'action',
  'target',
  'changes',
  'ip',
  'user_agent',
  'request_id',
] as const satisfies readonly (keyof AuditRow)[];

const insertRow = insertOneInto('audit', COLUMNS);

/** Adds a row, in the transaction of what it tells. */
export async function insertAudit(tx: Statements, row: AuditRow): Promise<void> {
  await insertRow(
    tx,
    COLUMNS.map((column) => row[column]),
  );
}

/** A team's rows, newest first, from below `beforeId` on. */
export function listAuditRows(
  db: Database,
  teamId: string,
  { beforeId, target, limit }: { beforeId: string | undefined; target: string | undefined; limit: number },
): Promise<AuditRow[]> {
  // Backwards over the primary key, within one team.
  return db.all(
    `select ${COLUMNS.join(', ')} from audit
     where team_id = ?1 and (cast(?2 as text) is null or id < ?2) and (cast(?3 as text) is null or target = ?3)
     order by id desc limit ?4`,
    [teamId, beforeId ?? null, target ?? null, limit],
  );
}
