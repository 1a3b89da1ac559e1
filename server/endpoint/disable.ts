import type { Clock } from '../clock.ts';
import { newId } from '../id.ts';
import type { EndpointRow } from '../model.ts';
import { insertAudit } from '../storage/audit.ts';
import type { Database, Statements } from '../storage/database.ts';
import { closeLane, takeLane } from '../storage/endpoint-gate.ts';
import { readEndpoint, updateEndpointRow } from '../storage/endpoints.ts';

/** How long an endpoint may fail: so many attempts in a row, the first of them at least `forMs` ago. */
export interface FailureLimit {
  failures: number;
  forMs: number;
}

/** What disabling is made of. */
export interface DisableParts<T> {
  db: Database;
  clock: Clock;
  tell: TellDisabled<T>;
}

/** How the last attempt ended. */
export interface LastAttempt {
  status: number | null;
  error: string | null;
}

/** An endpoint that was just disabled. */
export interface Disabled {
  endpoint: EndpointRow;
  reason: string;
  failingSince: number | null;
  last: LastAttempt;
  at: number;
}

/** Tells of a disabled endpoint in the transaction that disabled it. */
export type TellDisabled<T> = (tx: Statements, disabled: Disabled) => Promise<T>;

/**
 * Disables an endpoint or a hook whose attempts keep failing: what waits for it is held, and what is published for it is
 * collected as held until its owner takes it up again. Changes nothing when a success, a pause or a removal came first.
 * @returns what telling of it answered; undefined when nothing was changed.
 */
export async function disableFailing<T>(
  { db, clock, tell }: DisableParts<T>,
  key: { teamId: string; id: string },
  limit: FailureLimit,
  last: LastAttempt,
): Promise<T | undefined> {
  return db.transaction(async (tx) => {
    const now = clock.now();
    const lane = await takeLane(tx, key.teamId, key.id);
    const since = lane?.failing_since ?? null;
    // The count is looked at again under the lock: an attempt that was open meanwhile may have succeeded.
    if (lane === undefined || since === null) return undefined;
    if (lane.consecutive_failures < limit.failures || now - since < limit.forMs) return undefined;
    const endpoint = await readEndpoint(tx, key.teamId, key.id);
    if (endpoint?.state !== 'active') return undefined;
    const reason = reasonOf(lane.consecutive_failures, since, last);
    await disable(tx, endpoint, reason, now);
    return tell(tx, { endpoint, reason, failingSince: since, last, at: now });
  });
}

/** Disables an endpoint whose lane is held: it gets nothing more, and what waits becomes held. */
export async function disable(tx: Statements, endpoint: EndpointRow, reason: string, now: number): Promise<void> {
  await updateEndpointRow(
    tx,
    { ...endpoint, state: 'disabled', disabled_reason: reason, disabled_at: now, updated_at: now },
    null,
  );
  await closeLane(tx, endpoint.team_id, endpoint.id);
  await insertAudit(tx, {
    team_id: endpoint.team_id,
    id: newId('aud'),
    at: now,
    actor: 'server',
    action: 'endpoint.disabled',
    target: endpoint.id,
    changes: JSON.stringify({ reason }),
    ip: null,
    user_agent: null,
    request_id: null,
  });
}

function reasonOf(failures: number, since: number, { status, error }: LastAttempt): string {
  const last = error ?? `the receiver answered ${status}`;
  return `${failures} attempts in a row failed since ${new Date(since).toISOString()}; the last one: ${last}. Mend the receiver, then activate the endpoint.`;
}
