import type { SendResult } from '../egress/send-result.ts';
import type { AttemptRecord } from '../observe/attempt-record.ts';
import type { Submit } from '../publish/group-commit.ts';
import type { Told } from '../publish/operational-events.ts';
import type { DueDelivery } from '../storage/due.ts';
import { Turns } from '../turns.ts';
import { type AttemptParts, makeAttempt } from './attempt.ts';
import { hasFailedTooOften, noteHealth } from './health.ts';
import type { Lane } from './lane.ts';
import { isFresh, LaneReader, type LaneReaderParts } from './lane-reader.ts';
import type { OpenedEndpoint } from './open-endpoint.ts';
import { outcomeOf } from './outcome.ts';
import { recordAttempt } from './record-attempt.ts';
import { type DisableRule, NO_RETRY, type RetryPolicy } from './retry.ts';
import type { Settled, Settlement } from './settle.ts';
import { Slots } from './slots.ts';

export interface DispatchParts extends AttemptParts, LaneReaderParts {
  retryPolicies: ReadonlyMap<string, RetryPolicy>;
  submit: Submit<Settlement, Settled>;
  /** Tells the log and the metrics of an attempt that has ended. */
  observe(attempt: AttemptRecord): void;
  /** A number in [0, 1), for jitter. */
  random(): number;
  /** Removes a hook, or disables an endpoint, whose receiver answered 410. */
  retire(teamId: string, endpointId: string): Promise<void>;
  /** Disables an endpoint or a hook whose attempts failed so often in a row, if that still holds. `last` is how the last one ended. */
  disable(teamId: string, endpointId: string, rule: DisableRule, last: SendResult): Promise<void>;
  /** Wakes the receivers of an operational event. */
  announce(told: Told): void;
  /** False once this worker's lease is over: then nothing may start. */
  mayStart(): boolean;
  /** Takes the lane out of the worker's hands: nothing starts from it any more. */
  forget(lane: Lane): void;
  /** Lets others have the lane. */
  release(lane: Lane): void;
}

/** Wait after the database was away. */
const PAUSE_MS = 500;

/** Starts attempts: takes lanes in turn, reads what is due, posts it, settles it. */
export class Dispatch {
  readonly #parts: DispatchParts;
  readonly #turns = new Turns<Lane>();
  readonly #slots = new Slots();
  readonly #reader: LaneReader;
  /** Lanes that must be read before they can go on, while as many as may be are read. */
  readonly #unread = new Turns<Lane>();
  #isStopped = false;
  #onDrained: (() => void) | undefined;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    this.#reader = new LaneReader(parts);
  }

  /** Lets a lane take turns if it has, or may have, something to start. */
  offer(lane: Lane): void {
    if (lane.isReady) this.#turns.add(lane);
    this.#pump();
  }

  /** Starts what may start by now: places come free as time passes, too. */
  goOn(): void {
    this.#pump();
  }

  /** Takes a lane out: nothing more starts from it. */
  withdraw(lane: Lane): void {
    this.#turns.remove(lane);
    this.#unread.remove(lane);
    lane.cancelWake?.();
  }

  /** Starts nothing more; resolves when every open attempt is settled. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return new Promise((resolve) => {
      this.#onDrained = resolve;
      if (this.#slots.taken === 0) resolve();
    });
  }

  #pump(): void {
    const { clock, mayStart } = this.#parts;
    const now = clock.now();
    while (!this.#isStopped && this.#slots.hasRoom(now) && mayStart()) {
      // Those that had their turn and could not be read come first: nobody else would think of them.
      const lane = (this.#reader.hasRoom ? this.#unread.next() : undefined) ?? this.#turns.next();
      if (lane === undefined) return;
      if (!lane.isReady || (this.#slots.isCrowded && !lane.mayCrowd())) continue;
      if (!isFresh(lane, now) || (lane.waiting.length === 0 && lane.mayRead)) {
        this.#read(lane);
        continue;
      }
      const readyAt = lane.readyAt(now);
      if (readyAt > now) {
        this.#wakeLater(lane, readyAt - now);
        continue;
      }
      const delivery = lane.start(now);
      if (delivery !== undefined && lane.settings !== undefined) void this.#deliver(lane, delivery, lane.settings);
      else if (lane.mayRead) {
        this.#read(lane);
        continue;
      }
      if (lane.isReady) this.#turns.add(lane);
    }
  }

  /** Offers the lane again when its pace or its back-off lets it go on. */
  #wakeLater(lane: Lane, ms: number): void {
    lane.cancelWake?.();
    lane.cancelWake = this.#parts.clock.after(ms, () => {
      lane.cancelWake = undefined;
      this.offer(lane);
    });
  }

  /** Has the lane read, now or when there is room for it. */
  #read(lane: Lane): void {
    if (!this.#reader.hasRoom) {
      this.#unread.add(lane);
      return;
    }
    void this.#reader.read(lane).then((isThere) => {
      if (!isThere) this.#close(lane);
      this.offer(lane);
    });
  }

  async #deliver(lane: Lane, delivery: DueDelivery, endpoint: OpenedEndpoint): Promise<void> {
    const { clock, forget, random, retryPolicies } = this.#parts;
    const startedAt = clock.now();
    const slot = this.#slots.take(startedAt);
    const result = await makeAttempt(this.#parts, delivery, endpoint);
    const endedAt = clock.now();
    const policy = retryPolicies.get(endpoint.retry_policy) ?? NO_RETRY;
    const outcome = outcomeOf(result, delivery.attempt_count + 1, policy, endedAt, random());
    this.#parts.observe(recordAttempt(lane, { delivery, endpoint, result, outcome, startedAt, endedAt }));
    const health = noteHealth(lane, { outcome, result, startedAt, endedAt }, random());
    const isGone = outcome.status === 'dead' && outcome.gone && !lane.isLost;
    const isSpent = !isGone && !lane.isLost && hasFailedTooOften(lane.health, policy.disableAfter, endedAt);
    // Nothing more starts; the lane is let go when the endpoint is out of the way.
    if (isGone || isSpent) forget(lane);
    // The receiver has room again, though the result is not on disk yet; what is not is bounded by the slots.
    lane.posting -= 1;
    this.offer(lane);

    const againAt = outcome.status === 'failed' ? endedAt + outcome.waitMs : null;
    // In an ordered lane due_at is its place in the queue, and stays.
    const isOrdered = endpoint.ordered === 1;
    const settled = await this.#settle(lane, {
      teamId: lane.teamId,
      endpointId: lane.endpointId,
      fence: lane.fence,
      deliveryId: delivery.id,
      attemptNumber: delivery.attempt_count + 1,
      startedAt,
      result,
      status: outcome.status,
      dueAt: isOrdered ? delivery.due_at : (againAt ?? delivery.due_at),
      retryAt: isOrdered ? againAt : null,
      settledAt: endedAt,
      health,
    });
    this.#slots.free(slot);
    lane.finish(delivery, againAt);
    const { retire, disable, announce } = this.#parts;
    if (typeof settled === 'object') announce(settled);
    if (isGone) await this.#end(lane, retire(lane.teamId, lane.endpointId));
    else if (isSpent) await this.#end(lane, disable(lane.teamId, lane.endpointId, policy.disableAfter, result));
    else if (settled === false) this.#close(lane);
    if (lane.isIdle) lane.idleSince = clock.now();
    if (this.#isStopped && this.#slots.taken === 0) this.#onDrained?.();
    this.offer(lane);
  }

  /** The endpoint is gone, or the lane has changed hands. */
  #close(lane: Lane): void {
    if (lane.isLost) return;
    this.#parts.forget(lane);
    this.#parts.release(lane);
  }

  /** Lets the lane go once its endpoint is out of the way. */
  async #end(lane: Lane, ending: Promise<void>): Promise<void> {
    const { release, log } = this.#parts;
    try {
      await ending;
    } catch (error) {
      // It stays as it is, and the next failed attempt comes here again.
      log.error(
        { err: error, endpoint_id: lane.endpointId },
        'cannot disable or remove an endpoint that takes no deliveries',
      );
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
