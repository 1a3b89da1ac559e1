import { type RetryProgress, retryPage } from '../../delivery/retry-many.ts';
import { endpointNotFound } from '../../endpoint/endpoint-not-found.ts';
import type { Caller } from '../../model.ts';
import { Problem } from '../../problem.ts';
import type { Statements } from '../../storage/database.ts';
import { takeLane } from '../../storage/endpoint-gate.ts';
import { readProjectOf } from '../../storage/projects.ts';
import type { OperationDeps } from '../deps.ts';
import { endpointNotActive } from '../endpoint-not-active.ts';
import { isoTime } from '../iso-time.ts';
import { carryOutInPages } from '../once-in-pages.ts';
import type { Operation } from '../operation.ts';
import { isOfProjects } from '../rights.ts';

/** POST /v1/webhook-deliveries/retry */
export function retryDeliveries(deps: OperationDeps): Operation<'retryDeliveries'> {
  return async ({ body, caller, once }) => {
    const { teamId } = caller;
    await checkEndpoint(deps, caller, body.endpoint_id);
    const { outcome, isRepeat } = await carryOutInPages<RetryProgress>(deps, once, {
      begin: (now) => ({
        startedAt: now,
        until: body.until === undefined ? now : Date.parse(body.until),
        retried: 0,
        at: null,
        isDone: false,
        hasMore: false,
      }),
      async next(tx, before, now) {
        if (before.at === null && body.endpoint_id !== undefined) await checkActive(tx, teamId, body.endpoint_id);
        const filter = {
          status: body.status,
          endpointId: body.endpoint_id,
          eventId: body.event_id,
          type: body.type,
          since: body.since === undefined ? undefined : Date.parse(body.since),
          until: before.until,
        };
        const { progress, endpointIds } = await retryPage(tx, teamId, filter, before, now);
        const afterCommit = (): void => {
          for (const endpointId of endpointIds) deps.signals.wake(teamId, endpointId, now);
        };
        return { progress, afterCommit };
      },
    });
    return {
      status: 202,
      headers: isRepeat ? { 'Idempotency-Replayed': 'true' } : {},
      body: { data: { retried: outcome.retried, until: isoTime(outcome.until) }, has_more: outcome.hasMore },
    };
  };
}

async function checkActive(tx: Statements, teamId: string, endpointId: string): Promise<void> {
  const lane = await takeLane(tx, teamId, endpointId);
  if (lane === undefined) throw endpointNotFound(endpointId);
  if (lane.is_open === 0) throw endpointNotActive('This endpoint');
}

/** A token that is for some projects retries for one of their endpoints at a time. */
async function checkEndpoint({ db }: OperationDeps, caller: Caller, endpointId: string | undefined): Promise<void> {
  if (caller.projects === null) return;
  if (endpointId === undefined)
    throw new Problem(
      403,
      'project_not_allowed',
      'This token is for some projects alone: name one of their endpoints as endpoint_id, or use a token of the whole team.',
      { errors: [{ pointer: '/endpoint_id', message: 'is missing' }] },
    );
  const project_id = (await readProjectOf(db, 'endpoints', caller.teamId, endpointId)) ?? null;
  if (!isOfProjects(caller, { project_id })) throw endpointNotFound(endpointId);
}
