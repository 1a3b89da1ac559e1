import type { Catalog } from '../catalog/types.ts';
import type { SendResult } from '../egress/send-result.ts';
import { deliveryDead, type OperationalEvent, type Tell, type Told } from '../publish/operational-events.ts';
import type { Statements } from '../storage/database.ts';
import { type Dying, readDying } from '../storage/settling.ts';

/** What of a settlement is told. */
interface Ended {
  teamId: string;
  deliveryId: string;
  attemptNumber: number;
  result: SendResult;
  status: string;
  settledAt: number;
}

/** A settlement that makes a delivery dead, and what the event of it needs to say. */
interface Death<S extends Ended> {
  settlement: S;
  dying: Dying;
}

/**
 * The deaths among settlements that are about to be written, to be read before them: what is final already dies no second
 * time. Built-in events die in silence, so that none ever makes another. Costs nothing when nothing dies.
 */
export async function findDeaths<S extends Ended>(
  tx: Statements,
  catalog: Pick<Catalog, 'types'>,
  settlements: readonly S[],
): Promise<Death<S>[]> {
  const fatal = settlements.filter((one) => one.status === 'dead');
  if (fatal.length === 0) return [];
  const deaths: Death<S>[] = [];
  for (const [teamId, ofTeam] of Map.groupBy(fatal, (one) => one.teamId)) {
    const ids = ofTeam.map((one) => one.deliveryId);
    const dying = new Map((await readDying(tx, teamId, ids)).map((row) => [row.id, row]));
    for (const settlement of ofTeam) {
      const row = dying.get(settlement.deliveryId);
      if (row === undefined || catalog.types.get(row.type)?.set === 'system') continue;
      deaths.push({ settlement, dying: row });
    }
  }
  return deaths;
}

/** Commits an operational event for each death; answers with where each went. */
export async function tellDeaths<S extends Ended>(
  tx: Statements,
  tell: Tell,
  deaths: readonly Death<S>[],
): Promise<Map<S, Told>> {
  if (deaths.length === 0) return new Map();
  const told = await tell(tx, deaths.map(eventOf));
  return new Map(deaths.flatMap(({ settlement }, index) => (told[index] ? [[settlement, told[index]]] : [])));
}

function eventOf({ settlement, dying }: Death<Ended>): OperationalEvent {
  const { teamId, deliveryId, attemptNumber, result, settledAt } = settlement;
  return deliveryDead({
    teamId,
    endpoint: { id: dying.endpoint_id, name: dying.name, url: dying.url },
    delivery: { id: deliveryId, eventId: dying.event_id, eventType: dying.type },
    reason:
      result.status === 410
        ? 'The receiver answered 410 Gone: it wants no more deliveries.'
        : `Attempt ${attemptNumber} was the last one that the retry policy "${dying.retry_policy}" allows.`,
    last: { number: attemptNumber, status: result.status, error: result.error },
    at: settledAt,
  });
}
