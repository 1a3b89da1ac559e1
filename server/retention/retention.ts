import type { Clock } from '../clock.ts';
import { earliestDeliveryId, newId } from '../id.ts';
import type { Log } from '../observe/log.ts';
import { Rounds } from '../rounds.ts';
import { leaveChore, takeChore } from '../storage/chores.ts';
import type { Database } from '../storage/database.ts';
import { makeDays } from '../storage/days.ts';
import { type Keep, prune } from './prune.ts';

const CHORE = 'retention';
/** After the start, when there is more urgent work. */
const FIRST_MS = 60_000;
/** How often a process asks whether it is time. */
const ASK_EVERY_MS = 60_000;
/** From the end of a pass to the beginning of the next one, of whichever process. */
const PASS_EVERY_MS = 3600_000;
/** How long a process keeps its turn without a sign of life. */
const TURN_MS = 120_000;
/** Payloads are looked for from the start this often, for those that something waited for when they were passed. */
const REWIND_EVERY_MS = 24 * 3600_000;
/** A step is followed by a pause of at least this, and of so many times as long as the step took: a fifth of the time is work. */
const SHORTEST_PAUSE_MS = 10;
const PAUSE_FACTOR = 4;

export interface RetentionParts {
  db: Database;
  clock: Clock;
  log: Log;
  keep: Keep;
}

/**
 * Prunes what is past its retention: once an hour, one process at a time, in small steps with pauses, so that publishes and
 * deliveries do not notice. A process that dies leaves its turn to the next one after two minutes.
 */
export class Retention {
  readonly #parts: RetentionParts;
  readonly #owner = newId('wrk');
  readonly #payloadsFrom = new Map<string, number>();
  #rewindAt = 0;
  readonly #rounds: Rounds;
  #endPause: () => void = () => undefined;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.clock, async () => {
      await this.#attempt();
      return ASK_EVERY_MS;
    });
  }

  /** Begins to look whether it is time for a pass. */
  start(): void {
    this.#rounds.start(FIRST_MS);
  }

  /** Ends a pass under way at its next step. */
  async stop(): Promise<void> {
    const stopped = this.#rounds.stop();
    this.#endPause();
    await stopped;
  }

  async #attempt(): Promise<void> {
    const { db, clock, log } = this.#parts;
    try {
      const now = clock.now();
      if (!(await takeChore(db, CHORE, this.#owner, now, now + TURN_MS))) return;
      await this.#carryOut(now);
      // Cut short by a stop, it is anybody's at once.
      const nextAt = clock.now() + (this.#rounds.isRunning ? PASS_EVERY_MS : 0);
      await leaveChore(db, CHORE, this.#owner, nextAt);
    } catch (error) {
      log.error({ err: error }, 'cannot prune what is past its retention');
    }
  }

  async #carryOut(startedAt: number): Promise<void> {
    const { db, clock, log, keep } = this.#parts;
    if (startedAt >= this.#rewindAt) {
      this.#payloadsFrom.clear();
      this.#rewindAt = startedAt + REWIND_EVERY_MS;
    }
    let turnUntil = startedAt + TURN_MS;
    let stepStarted = performance.now();
    const goOn = async (): Promise<boolean> => {
      await this.#pause(Math.max(SHORTEST_PAUSE_MS, PAUSE_FACTOR * (performance.now() - stepStarted)));
      stepStarted = performance.now();
      const now = clock.now();
      if (!this.#rounds.isRunning) return false;
      if (now < turnUntil - TURN_MS / 2) return true;
      turnUntil = now + TURN_MS;
      return takeChore(db, CHORE, this.#owner, now, turnUntil);
    };
    await makeDays({ db, log, earliestId: earliestDeliveryId }, startedAt);
    const pruned = await prune({ db, log, keep, payloadsFrom: this.#payloadsFrom, goOn }, startedAt);
    if (Object.values(pruned).some((count) => count > 0))
      log.info({ ...pruned, duration_ms: clock.now() - startedAt }, 'pruned what is past its retention');
  }

  #pause(ms: number): Promise<void> {
    if (!this.#rounds.isRunning) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(ms, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
