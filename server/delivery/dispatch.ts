import type { AttemptRecord } from '../observe/attempt-record.ts';
import type { Log } from '../observe/log.ts';
import type { Submit } from '../publish/group-commit.ts';
import type { Database } from '../storage/database.ts';
import { type DueDelivery, type EndpointSettings, readDue, readEndpointSettings, readNextDue } from '../storage/due.ts';
import { type AttemptParts, makeAttempt } from './attempt.ts';
import { noteHealth } from './health.ts';
import { type Lane, READ_AHEAD } from './lane.ts';
import { outcomeOf } from './outcome.ts';
import { recordAttempt } from './record-attempt.ts';
import type { RetryPolicy } from './retry.ts';
import type { Settled, Settlement } from './settle.ts';
import { Turns } from './turns.ts';

export interface DispatchParts extends AttemptParts {
  db: Database;
  log: Log;
  retryPolicies: ReadonlyMap<string, RetryPolicy>;
  submit: Submit<Settlement, Settled>;
  /** Tells the log and the metrics of an attempt that has ended. */
  observe(attempt: AttemptRecord): void;
  /** A number in [0, 1), for jitter. */
  random(): number;
  /** Removes a hook, or disables an endpoint, whose receiver answered 410. */
  retire(teamId: string, endpointId: string): Promise<void>;
  /** False once this worker's lease is over: then nothing may start. */
  mayStart(): boolean;
  /** Takes the lane out of the worker's hands: nothing starts from it any more. */
  forget(lane: Lane): void;
  /** Lets others have the lane. */
  release(lane: Lane): void;
}

/** Attempts that may be open at once in this process, shared by team, then lane. */
const CAP_OF_ALL = 512;
/** An endpoint's settings are read again after this long; changes made in this process count at once. */
const SETTINGS_LIFE_MS = 500;
/** Wait after the database was away. */
const PAUSE_MS = 500;

/** Starts attempts: takes lanes in turn, reads what is due, posts it, settles it. */
export class Dispatch {
  readonly #parts: DispatchParts;
  readonly #turns = new Turns<Lane>();
  #open = 0;
  #isStopped = false;
  #onDrained: (() => void) | undefined;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  /** Lets a lane take turns if it has, or may have, something to start. */
  offer(lane: Lane): void {
    if (lane.isReady) this.#turns.add(lane);
    this.#pump();
  }

  /** Takes a lane out: nothing more starts from it. */
  withdraw(lane: Lane): void {
    this.#turns.remove(lane);
  }

  /** Starts nothing more; resolves when every open attempt is settled. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return new Promise((resolve) => {
      this.#onDrained = resolve;
      if (this.#open === 0) resolve();
    });
  }

  #pump(): void {
    while (!this.#isStopped && this.#open < CAP_OF_ALL && this.#parts.mayStart()) {
      const lane = this.#turns.next();
      if (lane === undefined) return;
      if (!lane.isReady) continue;
      const age = this.#parts.clock.now() - lane.settingsReadAt;
      const isFresh = age <= SETTINGS_LIFE_MS && lane.settings?.state === 'active';
      const delivery = isFresh ? lane.waiting.shift() : undefined;
      if (delivery === undefined || lane.settings === undefined) {
        void this.#read(lane, isFresh);
        continue;
      }
      void this.#deliver(lane, delivery, lane.settings);
      if (lane.isReady) this.#turns.add(lane);
    }
  }

  /** Reads the endpoint's settings when they are old, and the next due deliveries when none wait. */
  async #read(lane: Lane, isFresh: boolean): Promise<void> {
    const { db, clock, log } = this.#parts;
    lane.isReading = true;
    try {
      if (!isFresh) {
        lane.settings = await readEndpointSettings(db, lane.teamId, lane.endpointId);
        lane.settingsReadAt = clock.now();
        if (lane.settings === undefined) return this.#close(lane);
        // Paused or disabled: the lane stays ours while attempts are open, and is let go when it has been idle.
        if (lane.settings.state !== 'active') lane.stopReading();
      }
      if (lane.waiting.length === 0 && lane.hasMore) await this.#readDue(lane);
    } catch (error) {
      log.error({ err: error, team_id: lane.teamId, endpoint_id: lane.endpointId }, 'cannot read what is due');
      lane.hasMore = true;
      await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
    } finally {
      lane.isReading = false;
      if (lane.isIdle) lane.idleSince = clock.now();
    }
    this.offer(lane);
  }

  async #readDue(lane: Lane): Promise<void> {
    const { db, clock } = this.#parts;
    const { rewinds } = lane;
    const limit = READ_AHEAD + lane.open.size;
    lane.hasMore = false;
    // What is open now may be settled before the rows are here, which then still say that it waits.
    const wasOpen = new Set(lane.open);
    const due = await readDue(db, lane.teamId, lane.endpointId, lane.cursor, clock.now(), limit);
    if (lane.rewinds !== rewinds) return;
    lane.accept(due, wasOpen);
    if (due.length === limit) lane.hasMore = true;
    else if (lane.nextDueAt === undefined)
      lane.nextDueAt = await readNextDue(db, lane.teamId, lane.endpointId, clock.now());
  }

  async #deliver(lane: Lane, delivery: DueDelivery, endpoint: EndpointSettings): Promise<void> {
    const { clock, forget, random, retryPolicies } = this.#parts;
    lane.open.add(delivery.id);
    lane.posting += 1;
    this.#open += 1;
    const startedAt = clock.now();
    const result = await makeAttempt(this.#parts, delivery, endpoint);
    const settledAt = clock.now();
    const policy = retryPolicies.get(endpoint.retry_policy) ?? NO_RETRY;
    const outcome = outcomeOf(result, delivery.attempt_count + 1, policy, settledAt, random());
    this.#parts.observe(recordAttempt(lane, { delivery, endpoint, result, outcome, startedAt, endedAt: settledAt }));
    const health = noteHealth(lane, outcome, result, startedAt, settledAt);
    const isGone = outcome.status === 'dead' && outcome.gone && !lane.isLost;
    // Nothing starts after a 410; the lane is let go when the endpoint is out of the way.
    if (isGone) forget(lane);
    // The receiver has room again, though the result is not on disk yet; what is not is bounded by the cap of all.
    lane.posting -= 1;
    this.offer(lane);

    const dueAt = outcome.status === 'failed' ? settledAt + outcome.waitMs : delivery.due_at;
    const isSettled = await this.#settle(lane, {
      teamId: lane.teamId,
      endpointId: lane.endpointId,
      fence: lane.fence,
      deliveryId: delivery.id,
      attemptNumber: delivery.attempt_count + 1,
      startedAt,
      result,
      status: outcome.status,
      dueAt,
      settledAt,
      health,
    });
    lane.open.delete(delivery.id);
    this.#open -= 1;
    if (isGone) await this.#retire(lane);
    else if (!isSettled) this.#close(lane);
    // While the next due time is unknown, the read that finds the lane empty looks it up.
    else if (outcome.status === 'failed' && lane.nextDueAt !== undefined)
      lane.nextDueAt = Math.min(lane.nextDueAt ?? dueAt, dueAt);
    if (lane.isIdle) lane.idleSince = clock.now();
    if (this.#isStopped && this.#open === 0) this.#onDrained?.();
    this.offer(lane);
  }

  /** The endpoint is gone, or the lane has changed hands. */
  #close(lane: Lane): void {
    if (lane.isLost) return;
    this.#parts.forget(lane);
    this.#parts.release(lane);
  }

  async #retire(lane: Lane): Promise<void> {
    const { retire, release, log } = this.#parts;
    try {
      await retire(lane.teamId, lane.endpointId);
    } catch (error) {
      // It stays as it is, and the next attempt meets the next 410.
      log.error({ err: error, endpoint_id: lane.endpointId }, 'cannot retire an endpoint whose receiver is gone');
    }
    release(lane);
  }

  /** Writes a result down, again and again while the database is away and the lane is ours. */
  async #settle(lane: Lane, settlement: Settlement): Promise<Settled> {
    const { clock, log, submit } = this.#parts;
    for (;;) {
      try {
        return await submit(settlement);
      } catch (error) {
        log.error({ err: error, delivery_id: settlement.deliveryId }, 'cannot write down the result of an attempt');
        if (lane.isLost) return false;
        await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
      }
    }
  }
}

const NO_RETRY: RetryPolicy = { name: 'none', waits: [], jitter: 0 };
