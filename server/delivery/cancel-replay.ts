import type { ReplayRow } from '../model.ts';
import type { Statements } from '../storage/database.ts';
import { takeLane } from '../storage/endpoint-gate.ts';
import { cancelDeliveriesOf, readReplay, stopReplay } from '../storage/replays.ts';

/**
 * Ends a replay and cancels those of its deliveries that still wait, also when it was over already. The lane is taken first,
 * so that no page of it is under way. Undefined when there is no such replay.
 */
export async function cancelReplay(
  tx: Statements,
  key: { teamId: string; endpointId: string; id: string },
  now: number,
): Promise<ReplayRow | undefined> {
  const { teamId, endpointId, id } = key;
  await takeLane(tx, teamId, endpointId);
  if ((await readReplay(tx, teamId, endpointId, id)) === undefined) return undefined;
  await stopReplay(tx, teamId, id, now);
  await cancelDeliveriesOf(tx, teamId, id, now);
  return readReplay(tx, teamId, endpointId, id);
}
