import { beginErasure, type ErasureProgress, erasePage } from '../../delivery/erase.ts';
import { readLastSeq } from '../../storage/feed.ts';
import { record } from '../audit.ts';
import type { OperationDeps } from '../deps.ts';
import { carryOutInPages } from '../once-in-pages.ts';
import type { Operation } from '../operation.ts';

/** POST /v1/erasures */
export function createErasure(deps: OperationDeps): Operation<'createErasure'> {
  return async (request) => {
    const { caller, body, once } = request;
    const { teamId } = caller;
    const lastSeq = await readLastSeq(deps.db, teamId);
    const wanted = { memberId: body.member_id, email: body.email };
    const { outcome, isRepeat } = await carryOutInPages<ErasureProgress>(deps, once, {
      begin: () => beginErasure(lastSeq),
      async next(tx, before, now) {
        const progress = await erasePage(tx, deps, teamId, wanted, before, now);
        const { events, attempts } = progress;
        if (progress.isDone) {
          // An email address would outlive the erasure here.
          const audited = { action: 'person.erased', target: body.member_id ?? 'email', changes: { events, attempts } };
          await record(tx, request, audited, now);
        }
        return { progress };
      },
    });
    return {
      status: 200,
      headers: isRepeat ? { 'Idempotency-Replayed': 'true' } : {},
      body: { data: { events: outcome.events, attempts: outcome.attempts } },
    };
  };
}
