import type { Clock } from '../clock.ts';
import { BACKLOG_PAGE, type BacklogPageRequest, type BacklogPageResult } from '../endpoint/backlog-page.ts';
import type { Log } from '../observe/log.ts';
import type { LaneSignals } from '../publish/publisher.ts';
import { Rounds } from '../rounds.ts';
import { listBacklogChanges } from '../storage/backlog-changes.ts';
import type { Database } from '../storage/database.ts';

/** How often a process looks for changes while none is under way. */
const IDLE_MS = 500;
/** Wait between pages, so that other commits have room. */
const REST_MS = 5;
/** Wait after the database was away. */
const PAUSE_MS = 1000;
/** Endpoints served in one round. */
const MOST = 64;
const START = { team_id: '', endpoint_id: '' };

export interface BacklogChangerParts {
  db: Database;
  clock: Clock;
  log: Log;
  signals: LaneSignals;
}

/**
 * Holds, releases and cancels what waits for endpoints where it is much, page by page, until it is stopped. All that it knows
 * is in the database, so any process goes on where another stopped, or died.
 */
export class BacklogChanger {
  readonly #parts: BacklogChangerParts;
  readonly #rounds: Rounds;
  /** The last endpoint of the round before, when there are more than one round serves. */
  #after = START;

  constructor(parts: BacklogChangerParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.clock, () =>
      this.#serveAll().catch((error: unknown) => {
        parts.log.error({ err: error }, 'cannot read what is to be held, released or cancelled');
        return PAUSE_MS;
      }),
    );
  }

  /** Starts looking for changes. */
  start(): void {
    this.#rounds.start(0);
  }

  /** Makes no more pages; resolves when the one under way is on disk. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** A page for each endpoint; answers with the milliseconds to wait for the next round. */
  async #serveAll(): Promise<number> {
    const { db, log } = this.#parts;
    const changes = await listBacklogChanges(db, this.#after, MOST);
    let pause = changes.length > 0 || this.#after !== START ? REST_MS : IDLE_MS;
    this.#after = (changes.length === MOST ? changes.at(-1) : undefined) ?? START;
    for (const { team_id: teamId, endpoint_id: endpointId } of changes) {
      if (!this.#rounds.isRunning) break;
      try {
        await this.#serve(teamId, endpointId);
      } catch (error) {
        log.error({ err: error, endpoint_id: endpointId }, 'cannot hold, release or cancel what waits for an endpoint');
        pause = PAUSE_MS;
      }
    }
    return pause;
  }

  async #serve(teamId: string, endpointId: string): Promise<void> {
    const { db, clock, signals } = this.#parts;
    const request: BacklogPageRequest = { teamId, endpointId, now: clock.now() };
    const { isDue } = await db.perform<BacklogPageResult>(BACKLOG_PAGE, request);
    if (isDue) signals.wake(teamId, endpointId, request.now);
  }
}
