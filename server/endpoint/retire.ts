import type { Clock } from '../clock.ts';
import type { Database } from '../storage/database.ts';
import { cancelWaiting, takeLane } from '../storage/endpoint-gate.ts';
import { readEndpoint } from '../storage/endpoints.ts';
import { disable } from './disable.ts';
import { removeEndpoint } from './remove.ts';

/** Said in `disabled_reason`. */
const REASON = 'The receiver answered 410 Gone: it wants no more deliveries.';

/**
 * Ends an endpoint whose receiver answered 410: a hook is removed, since the platform that made it has dropped it; an
 * endpoint is disabled, for its owner to see. What waits for it is cancelled.
 */
export async function retireEndpoint(db: Database, clock: Clock, teamId: string, id: string): Promise<void> {
  await db.transaction(async (tx) => {
    const lane = await takeLane(tx, teamId, id);
    const endpoint = lane === undefined ? undefined : await readEndpoint(tx, teamId, id);
    if (endpoint === undefined) return;
    if (endpoint.kind === 'hook') {
      await removeEndpoint(tx, { teamId, id }, clock.now());
      return;
    }
    await disable(tx, endpoint, REASON, clock.now());
    await cancelWaiting(tx, teamId, id, clock.now());
  });
}
