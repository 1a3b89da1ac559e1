import { earliestDeliveryId, earliestId } from '../id.ts';
import type { Database } from '../storage/database.ts';
import { type DayParts, dropDays, tablesToWalk } from '../storage/days.ts';
import {
  type AgedEvent,
  hasExpiredKeys,
  readDeliveryStep,
  readEndedReplays,
  readEventStep,
  readTeamIds,
} from '../storage/pruning.ts';

/**
 * So many deliveries (with their attempts) or events a transaction. On SQLite, in tables of 100,000, a step takes 4 to 6 ms, its
 * fsync included (medians, on a busy machine; of 100 rows no more, but with longer tails): no commit is to wait 10 for one.
 */
const STEP = 50;
const KEYS_A_STEP = 100;
const TEAMS_A_STEP = 200;
/** What has ended is to be seen for this long, however old it is. */
const SHORTEST_KEEP_MS = 24 * 3600 * 1000;

/** How long what is stored is kept, in milliseconds. */
export interface Keep {
  events: number;
  /** Payloads of events for which nothing waits any more; at most as long as the events. */
  payloads: number;
}

interface DeliveriesPruned {
  deliveries: number;
  /** Held ones that ended as cancelled. */
  cancelled: number;
}

/** What a pass has pruned. */
export interface Pruned extends DeliveriesPruned {
  /** Tables of a day that were dropped whole; what stood in them is not counted below. */
  days: number;
  events: number;
  payloads: number;
  keys: number;
  replays: number;
}

export interface PruneParts {
  db: Database;
  log: DayParts['log'];
  keep: Keep;
  /** Where to look for payloads, by team: what lies before has been looked at. Carried from pass to pass. */
  payloadsFrom: Map<string, number>;
  /** Called after each step; false ends the pass. */
  goOn(): Promise<boolean>;
}

/**
 * Prunes what is past its retention: whole days where there are such, the rest in small steps: deliveries with their attempts, then
 * events that no delivery needs, then payloads, expired keys and replays of which nothing is left. What waits for an attempt, and its
 * event, always stays.
 */
export async function prune(parts: PruneParts, now: number): Promise<Pruned> {
  const before = now - parts.keep.events;
  const { db, log } = parts;
  const dayParts = { db, log, earliestId: earliestDeliveryId };
  const days = await dropDays(dayParts, { before, endedBefore: endedBefore(parts.keep, now) });
  const tables = await tablesToWalk(db, before);
  const pruned: Pruned = { days, deliveries: 0, events: 0, payloads: 0, keys: 0, replays: 0, cancelled: 0 };
  for (let after = ''; ; ) {
    const teams = await readTeamIds(db, after, TEAMS_A_STEP);
    for (const { id } of teams) {
      const isWhole =
        (await everyOf(tables.deliveries, (table) => walkDeliveries(parts, table, id, now, pruned))) &&
        (await everyOf(tables.events, (table) =>
          walkEvents(parts, table, id, 0, before, async (events) => {
            pruned.events += await db.perform<number>('pruneEvents', { teamId: id, ids: events.map(idOf), now });
          }),
        )) &&
        (await walkPayloads(parts, id, now, pruned)) &&
        (await walkKeys(parts, id, now, pruned)) &&
        (await walkReplays(parts, id, now, pruned));
      if (!isWhole) return pruned;
    }
    const last = teams.at(-1);
    if (last === undefined || teams.length < TEAMS_A_STEP) return pruned;
    after = last.id;
  }
}

/** Does something for one after the other, until one is told to end. */
async function everyOf(tables: readonly string[], walk: (table: string) => Promise<boolean>): Promise<boolean> {
  for (const table of tables) if (!(await walk(table))) return false;
  return true;
}

function endedBefore(keep: Keep, now: number): number {
  return now - Math.min(keep.events, SHORTEST_KEEP_MS);
}

async function walkDeliveries(
  { db, keep, goOn }: PruneParts,
  table: string,
  teamId: string,
  now: number,
  pruned: Pruned,
) {
  const bound = earliestDeliveryId(now - keep.events);
  for (let after = ''; ; ) {
    const step = await readDeliveryStep(db, table, teamId, after, bound, STEP);
    const [first, last] = [step[0], step.at(-1)];
    if (first === undefined || last === undefined) return true;
    const range = { table, teamId, first: first.id, last: last.id, endedBefore: endedBefore(keep, now), now };
    const { deliveries, cancelled } = await db.perform<DeliveriesPruned>('pruneDeliveries', range);
    pruned.deliveries += deliveries;
    pruned.cancelled += cancelled;
    after = last.id;
    if (!(await goOn())) return false;
  }
}

/** Takes a team's events of a table that were accepted before a time to `use`, step by step; false when it was told to end. */
async function walkEvents(
  { db, goOn }: PruneParts,
  table: string,
  teamId: string,
  fromSeq: number,
  acceptedBefore: number,
  use: (events: AgedEvent[]) => Promise<void>,
): Promise<boolean> {
  for (let after = fromSeq; ; ) {
    const step = await readEventStep(db, table, teamId, after, STEP);
    const old = step.filter((event) => event.accepted_at < acceptedBefore);
    if (old.length > 0) await use(old);
    // Times follow numbers closely: the first event that is young enough is where the old ones end.
    if (old.length < STEP) return true;
    after = step.at(-1)?.seq ?? after;
    if (!(await goOn())) return false;
  }
}

async function walkPayloads(parts: PruneParts, teamId: string, now: number, pruned: Pruned): Promise<boolean> {
  const { db, keep, payloadsFrom } = parts;
  if (keep.payloads >= keep.events) return true;
  return walkEvents(parts, 'event', teamId, payloadsFrom.get(teamId) ?? 0, now - keep.payloads, async (events) => {
    const whole = events.filter((event) => event.pruned_at === null);
    if (whole.length > 0)
      pruned.payloads += await db.perform<number>('prunePayloads', { teamId, ids: whole.map(idOf), now });
    payloadsFrom.set(teamId, events.at(-1)?.seq ?? 0);
  });
}

async function walkKeys({ db, goOn }: PruneParts, teamId: string, now: number, pruned: Pruned): Promise<boolean> {
  while (await hasExpiredKeys(db, teamId, now)) {
    pruned.keys += await db.perform<number>('pruneKeys', { teamId, now, limit: KEYS_A_STEP });
    if (!(await goOn())) return false;
  }
  return true;
}

async function walkReplays({ db, keep, goOn }: PruneParts, teamId: string, now: number, pruned: Pruned) {
  const endedBefore = now - keep.events;
  for (;;) {
    const step = await readEndedReplays(db, teamId, earliestId('rpl', endedBefore), endedBefore, STEP);
    if (step.length === 0) return true;
    pruned.replays += await db.perform<number>('pruneReplays', { teamId, ids: step.map(({ id }) => id) });
    if (!(await goOn())) return false;
  }
}

function idOf({ id }: AgedEvent): string {
  return id;
}
