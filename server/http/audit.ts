import { newId } from '../id.ts';
import type { Caller } from '../model.ts';
import { type AuditRow, insertAudit } from '../storage/audit.ts';
import type { Statements } from '../storage/database.ts';

/** What the audit log is told of a change. */
export interface Audited {
  /** What was done, such as `endpoint.updated`. */
  action: string;
  /** Id of what it was done to. */
  target: string;
  /** Fields and what they became; the values of secret ones are masked here. */
  changes?: Record<string, unknown>;
}

/** Who asked for a change, and from where. */
export interface Asker {
  id: string;
  caller: Caller;
  client(): { ip: string | undefined; userAgent: string | undefined };
}

const SECRET_FIELDS = new Set(['headers', 'credentials', 'client_certificate']);
const MOST_USER_AGENT = 300;

/** Adds a change to the audit log, in the transaction that makes it. */
export async function record(tx: Statements, asker: Asker, audited: Audited, now: number): Promise<void> {
  const { ip = null, userAgent } = asker.client();
  const changes = Object.entries(audited.changes ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, SECRET_FIELDS.has(name) && value !== null ? '***' : value]);
  const row: AuditRow = {
    team_id: asker.caller.teamId,
    id: newId('aud'),
    at: now,
    actor: asker.caller.isOperator ? 'operator' : asker.caller.tokenId,
    action: audited.action,
    target: audited.target,
    changes: JSON.stringify(Object.fromEntries(changes)),
    ip,
    user_agent: userAgent?.slice(0, MOST_USER_AGENT) ?? null,
    request_id: asker.id,
  };
  await insertAudit(tx, row);
}
