import type { EndpointKind } from '../model.ts';
import type { Statements } from '../storage/database.ts';
import { cancelWaiting, takeLane } from '../storage/endpoint-gate.ts';
import { deleteEndpointRows, readEndpoint } from '../storage/endpoints.ts';
import { forgetReplies } from '../storage/idempotency.ts';
import { stopReplaysOf } from '../storage/replays.ts';

/**
 * Deletes an endpoint (with `kind`, only one of that kind): what waits for it is cancelled, its replays too, its
 * delivery history stays, and the reply kept for an Idempotency-Key that made it is forgotten. False when there is none.
 */
export async function removeEndpoint(
  tx: Statements,
  key: { teamId: string; id: string; kind?: EndpointKind },
  now: number,
): Promise<boolean> {
  const lane = await takeLane(tx, key.teamId, key.id);
  if (lane === undefined) return false;
  const endpoint = await readEndpoint(tx, key.teamId, key.id);
  if (endpoint === undefined || (key.kind !== undefined && endpoint.kind !== key.kind)) return false;
  await deleteEndpointRows(tx, key.teamId, key.id);
  await cancelWaiting(tx, key.teamId, key.id, now);
  await stopReplaysOf(tx, key.teamId, key.id, now);
  await forgetReplies(tx, key.teamId, key.id);
  return true;
}
