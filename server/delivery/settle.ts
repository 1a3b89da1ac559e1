import type { Catalog } from '../catalog/types.ts';
import type { SendResult } from '../egress/send-result.ts';
import type { LaneHealth } from '../model.ts';
import type { CommitKind } from '../publish/group-commit.ts';
import type { Tell, Told } from '../publish/operational-events.ts';
import { close } from '../storage/closing.ts';
import type { Statements } from '../storage/database.ts';
import { holdLanes } from '../storage/publishing.ts';
import { insertAttempts, settleDeliveries, writeHealths } from '../storage/settling.ts';
import { findDeaths, tellDeaths } from './tell-deaths.ts';

/** What an attempt came to, on its way to disk. */
export interface Settlement {
  teamId: string;
  endpointId: string;
  /** The lease's number at the time of the attempt. */
  fence: number;
  deliveryId: string;
  attemptNumber: number;
  startedAt: number;
  result: SendResult;
  status: 'delivered' | 'failed' | 'dead';
  dueAt: number;
  /** In an ordered lane: when a failed one is tried again; null elsewhere. */
  retryAt: number | null;
  settledAt: number;
  /** Set when the endpoint's health is to be written too. */
  health: LaneHealth | undefined;
}

/**
 * Whether a settlement took effect; false when the lane has changed hands, and the result was dropped. For a delivery that
 * died, what was told of it.
 */
export type Settled = boolean | Told;

/** What settling needs to tell of deaths. */
export interface SettleParts {
  catalog: Pick<Catalog, 'types'>;
  tell: Tell;
}

/**
 * Commits settlements in groups. A settlement whose fence is not the lane's changes no row: another worker owns the
 * delivery now. The lanes are held meanwhile, so that they cannot change hands between the check and the commit.
 * A delivery that dies is told of in the same transaction, when everything else is written: lanes come before teams.
 */
export function commitSettlements(parts: SettleParts): CommitKind<Settlement, Settled> {
  return (tx, settlements) => settle(tx, settlements, parts);
}

async function settle(
  tx: Statements,
  settlements: readonly Settlement[],
  { catalog, tell }: SettleParts,
): Promise<Settled[]> {
  const current = new Set<Settlement>();
  const health = new Map<string, Settlement>();
  const teams = Map.groupBy(settlements, (settlement) => settlement.teamId);
  for (const teamId of [...teams.keys()].sort()) {
    const ofTeam = teams.get(teamId) ?? [];
    const lanes = await holdLanes(tx, teamId, [...new Set(ofTeam.map((one) => one.endpointId))].sort());
    for (const settlement of ofTeam) {
      if (lanes.get(settlement.endpointId)?.fence !== settlement.fence) continue;
      current.add(settlement);
      if (settlement.health !== undefined) health.set(settlement.endpointId, settlement);
    }
  }
  const valid = [...current];
  const deaths = await findDeaths(tx, catalog, valid);
  const settled = settleDeliveries(
    tx,
    valid.map((one) => [
      one.teamId,
      one.deliveryId,
      one.status,
      one.dueAt,
      one.retryAt,
      one.attemptNumber,
      one.status === 'failed' ? null : one.settledAt,
    ]),
  );
  const recorded = insertAttempts(
    tx,
    valid.map(({ result, ...one }) => [
      one.teamId,
      one.deliveryId,
      one.attemptNumber,
      one.startedAt,
      result.durationMs,
      result.status,
      result.error,
      result.replyHeaders,
      result.replyBody,
    ]),
  );
  const healths = writeHealths(
    tx,
    [...health.values()].flatMap((one) =>
      one.health === undefined ? [] : [{ teamId: one.teamId, endpointId: one.endpointId, health: one.health }],
    ),
  );
  const written = Promise.all([settled, recorded, healths]);
  // Deaths are told of after what they are of.
  if (deaths.length > 0) await written;
  else await close(tx, written);
  const told = await tellDeaths(tx, tell, deaths);
  return settlements.map((settlement) => told.get(settlement) ?? current.has(settlement));
}
