import type { Clock } from '../clock.ts';
import type { Log } from '../observe/log.ts';
import type { LaneSignals } from '../publish/publisher.ts';
import { type PageRequest, type PageResult, REPLAY_PAGE } from '../publish/replay-page.ts';
import { Rounds } from '../rounds.ts';
import type { Database } from '../storage/database.ts';
import { type RunningReplay, readRunningReplays } from '../storage/replays.ts';
import { MOST_AHEAD, paceOf } from './replay-pace.ts';

/** How often a process looks for replays while none runs. */
const IDLE_MS = 500;
/** How often it looks whether there is room for the next page while some run. */
const BUSY_MS = 25;
/** Wait after a page that had nothing to send, so that looking through many events leaves room for other commits. */
const SPARSE_MS = 10;
/** Wait after the database was away. */
const PAUSE_MS = 1000;
/** Replays served in one round. */
const MOST = 64;
/** Due deliveries are counted up to this number, which is more than an endpoint's largest cap and what may wait besides. */
const MOST_DUE = 100 + 2 * MOST_AHEAD;

export interface ReplayerParts {
  db: Database;
  clock: Clock;
  log: Log;
  signals: LaneSignals;
}

/**
 * Makes the deliveries of running replays, page by page, until it is stopped. All that it knows is in the database, so any
 * process goes on where another stopped, or died; a page is made by one of them only. An endpoint's replays run one after
 * the other.
 */
export class Replayer {
  readonly #parts: ReplayerParts;
  readonly #rounds: Rounds;
  /** The last replay of the round before, when there are more than one round serves. */
  #after = '';

  constructor(parts: ReplayerParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.clock, () => this.#round());
  }

  /** Starts looking for replays. */
  start(): void {
    this.#rounds.start(0);
  }

  /** Makes no more pages; resolves when the one under way is on disk. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #round(): Promise<number> {
    try {
      return await this.#serveAll();
    } catch (error) {
      this.#parts.log.error({ err: error }, 'cannot read which replays run; tries again in a second');
      return PAUSE_MS;
    }
  }

  /** Serves each running replay once; answers with the milliseconds to wait for the next round. */
  async #serveAll(): Promise<number> {
    const { db, clock, log } = this.#parts;
    const replays = await readRunningReplays(db, clock.now(), MOST_DUE, this.#after, MOST);
    const isPart = replays.length === MOST;
    let pause = replays.length === 0 && this.#after === '' ? IDLE_MS : BUSY_MS;
    this.#after = isPart ? (replays.at(-1)?.id ?? '') : '';
    for (const replay of replays) {
      if (!this.#rounds.isRunning) break;
      try {
        if (await this.#serve(replay)) pause = SPARSE_MS;
      } catch (error) {
        log.error({ err: error, team_id: replay.team_id, replay_id: replay.id }, 'cannot go on with a replay');
        pause = PAUSE_MS;
      }
    }
    return pause;
  }

  /** Makes the replay's next page if there is room for it; true when it had nothing to send, and there is more to look at. */
  async #serve(replay: RunningReplay): Promise<boolean> {
    const { db, clock, signals } = this.#parts;
    const { team_id: teamId, endpoint_id: endpointId, id: replayId, next_seq: nextSeq, due } = replay;
    const now = clock.now();
    const { size, ahead } = paceOf(replay, now);
    if (size === 0) return false;
    const request: PageRequest = { teamId, endpointId, replayId, nextSeq, size, ahead, due, now };
    const result = await db.perform<PageResult>(REPLAY_PAGE, request);
    if (result.kind !== 'made') return false;
    if (result.count > 0) signals.wake(teamId, endpointId, now);
    return result.count === 0 && !result.isOver;
  }
}
