import type { Clock } from '../clock.ts';
import type { Log } from '../observe/log.ts';
import type { Database } from '../storage/database.ts';
import { type DueRead, readDues, readManySettings, readNextDues } from '../storage/due.ts';
import type { LaneKey } from '../storage/lane-key.ts';
import type { Vault } from '../vault/vault.ts';
import { batched } from './batched.ts';
import type { Lane } from './lane.ts';
import { openEndpoint } from './open-endpoint.ts';

export interface LaneReaderParts {
  db: Database;
  vault: Vault;
  clock: Clock;
  log: Log;
  /** How many deliveries may wait in memory for each lane. */
  laneShare(): number;
}

/** An endpoint's settings are read again after this long; changes made in this process count at once. */
const SETTINGS_LIFE_MS = 500;
/** Wait after the database was away. */
const PAUSE_MS = 500;
/**
 * So many lanes are read at a time; the others wait until one of them is done, and what was read is sent meanwhile. Reading 10,000
 * lanes at once kept SQLite's main thread from everything else for 1.2 s.
 */
const MOST_READING = 64;

/** Whether a lane knows how its endpoint wants its deliveries now, and may send. */
export function isFresh(lane: Lane, now: number): boolean {
  return now - lane.settingsReadAt <= SETTINGS_LIFE_MS && lane.settings?.state === 'active';
}

/** Reads lanes: their endpoints' settings, and what is due in them. Those that are read in one turn share their statements. */
export class LaneReader {
  readonly #parts: LaneReaderParts;
  readonly #settingsOf = batched((lanes: readonly LaneKey[]) => readManySettings(this.#parts.db, lanes));
  readonly #dueOf = batched((reads: readonly DueRead[]) => readDues(this.#parts.db, reads, this.#parts.clock.now()));
  readonly #nextDueOf = batched((lanes: readonly LaneKey[]) =>
    readNextDues(this.#parts.db, lanes, this.#parts.clock.now()),
  );
  #reading = 0;

  constructor(parts: LaneReaderParts) {
    this.#parts = parts;
  }

  /** Whether one more lane may be read. */
  get hasRoom(): boolean {
    return this.#reading < MOST_READING;
  }

  /** Reads the endpoint's settings when they are old, and the next due deliveries when none wait. Answers false when the endpoint is gone. */
  async read(lane: Lane): Promise<boolean> {
    const { clock, log } = this.#parts;
    lane.isReading = true;
    this.#reading += 1;
    try {
      if (!isFresh(lane, clock.now()) && !(await this.#readSettings(lane))) return false;
      if (lane.mayRead) await this.#readDue(lane);
    } catch (error) {
      log.error({ err: error, team_id: lane.teamId, endpoint_id: lane.endpointId }, 'cannot read what is due');
      lane.hasMore = true;
      await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
    } finally {
      lane.isReading = false;
      this.#reading -= 1;
      if (lane.isIdle) lane.idleSince = clock.now();
    }
    return true;
  }

  async #readSettings(lane: Lane): Promise<boolean> {
    const { vault, clock } = this.#parts;
    const settings = await this.#settingsOf(lane);
    lane.settings = openEndpoint(vault, lane.teamId, lane.endpointId, settings);
    lane.settingsReadAt = clock.now();
    if (lane.settings === undefined) return false;
    // Paused or disabled: the lane stays ours while attempts are open, and is let go when it has been idle.
    if (lane.settings.state !== 'active') lane.stopReading();
    return true;
  }

  async #readDue(lane: Lane): Promise<void> {
    const { clock } = this.#parts;
    const { teamId, endpointId, cursor, rewinds } = lane;
    const limit = this.#parts.laneShare() + lane.open.size;
    lane.hasMore = false;
    // What is open now may be settled before the rows are here, which then still say that it waits.
    const wasOpen = new Set(lane.open);
    const due = await this.#dueOf({ teamId, endpointId, cursor, limit });
    if (lane.rewinds !== rewinds) return;
    lane.accept(due, wasOpen, clock.now());
    if (due.length === limit) lane.hasMore = true;
    else if (lane.nextDueAt === undefined) {
      const nextDueAt = await this.#nextDueOf(lane);
      lane.nextDueAt ??= nextDueAt;
    }
  }
}
