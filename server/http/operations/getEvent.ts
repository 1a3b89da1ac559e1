import { readEvent } from '../../storage/events-read.ts';
import type { OperationDeps } from '../deps.ts';
import { eventNotFound } from '../event-not-found.ts';
import type { components } from '../generated/openapi.ts';
import { isoTime } from '../iso-time.ts';
import type { Operation } from '../operation.ts';
import { envelopeFor } from '../personal.ts';
import { isInScope, scopeOf } from '../rights.ts';

/** GET /v1/webhook-events/{id} */
export function getEvent({ db, catalog }: OperationDeps): Operation<'getEvent'> {
  return async ({ path, caller }) => {
    const row = await readEvent(db, caller.teamId, path.id);
    if (row === undefined || !isInScope(scopeOf(catalog, caller), row)) throw eventNotFound(path.id);
    return {
      status: 200,
      body: {
        data: JSON.parse(envelopeFor(catalog, caller, row.envelope)) as components['schemas']['PastEnvelope'],
        deliveries: row.deliveries,
        is_test: row.is_test === 1,
        accepted_at: isoTime(row.accepted_at),
      },
    };
  };
}
