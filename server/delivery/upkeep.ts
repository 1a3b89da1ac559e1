import type { Log } from '../observe/log.ts';
import { analyzeGrown } from '../storage/analyze-grown.ts';
import { type Database, StorageUnavailable } from '../storage/database.ts';
import { armSleepers, reapLeases } from '../storage/lanes.ts';

const SWEEP_EVERY_MS = 30_000;
const REAP_EVERY_MS = 1000;
const ANALYZE_EVERY_MS = 2000;

/** What each worker does for all: arms lanes that sleep on work, takes over those whose owner died, keeps the database's plans fresh. */
export class Upkeep {
  readonly #db: Database;
  readonly #log: Log;
  #sweepAt = 0;
  #reapAt = 0;
  #analyzeAt = 0;
  #isAnalyzing = false;

  constructor(db: Database, log: Log) {
    this.#db = db;
    this.#log = log;
  }

  /** From now on (epoch milliseconds) there may be work: the first sweep comes 30 s later. */
  start(now: number): void {
    this.#sweepAt = now + SWEEP_EVERY_MS;
  }

  /** Does what it is time for. @throws StorageUnavailable while the database is away. */
  async tend(now: number): Promise<void> {
    if (now >= this.#sweepAt) {
      this.#sweepAt = now + SWEEP_EVERY_MS;
      const armed = await armSleepers(this.#db, now);
      if (armed > 0) this.#log.warn({ lanes: armed }, 'found waiting deliveries in sleeping lanes');
    }
    if (now >= this.#reapAt) {
      this.#reapAt = now + REAP_EVERY_MS;
      const lanes = await reapLeases(this.#db, now);
      if (lanes > 0) this.#log.warn({ lanes }, 'took lanes over from workers whose lease is over');
    }
    if (now >= this.#analyzeAt && !this.#isAnalyzing) {
      this.#analyzeAt = now + ANALYZE_EVERY_MS;
      // Not waited for: on a slow disk it may take longer than leases last.
      void this.#analyze();
    }
  }

  async #analyze(): Promise<void> {
    this.#isAnalyzing = true;
    try {
      const tables = await analyzeGrown(this.#db);
      if (tables.length > 0) this.#log.debug({ tables }, 'had the database analyse tables that have grown');
    } catch (error) {
      // That the database is away, or closed at the end, is told by those who cannot do without it.
      if (!(error instanceof StorageUnavailable))
        this.#log.warn({ err: error }, 'cannot have the database analyse tables that have grown');
    } finally {
      this.#isAnalyzing = false;
    }
  }

  /** The clock was set back to `now`: nothing waits for the time in which it was ahead. */
  restart(now: number): void {
    this.#sweepAt = now;
    this.#reapAt = now;
    this.#analyzeAt = now;
  }
}
