import { cancelWaiting, takeLane } from '../storage/endpoint-gate.ts';
import { readEndpoint } from '../storage/endpoints.ts';
import { type DisableParts, disable } from './disable.ts';
import { removeEndpoint } from './remove.ts';

/** Said in `disabled_reason`. */
const REASON = 'The receiver answered 410 Gone: it wants no more deliveries.';

/**
 * Ends an endpoint whose receiver answered 410: a hook is removed, since the platform that made it has dropped it; an
 * endpoint is disabled, for its owner to see. What waits for it is cancelled.
 * @returns what telling of a disabled endpoint answered; undefined when none was disabled.
 */
export async function retireEndpoint<T>(
  { db, clock, tell }: DisableParts<T>,
  teamId: string,
  id: string,
): Promise<T | undefined> {
  return db.transaction(async (tx) => {
    const now = clock.now();
    const lane = await takeLane(tx, teamId, id);
    const endpoint = lane === undefined ? undefined : await readEndpoint(tx, teamId, id);
    if (endpoint === undefined) return undefined;
    if (endpoint.kind === 'hook') {
      await removeEndpoint(tx, { teamId, id }, now);
      return undefined;
    }
    await disable(tx, endpoint, REASON, now);
    await cancelWaiting(tx, teamId, id, now);
    const failingSince = endpoint.failing_since;
    return tell(tx, { endpoint, reason: REASON, failingSince, last: { status: 410, error: null }, at: now });
  });
}
