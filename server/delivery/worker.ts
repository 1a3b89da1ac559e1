import type { Clock } from '../clock.ts';
import { newId } from '../id.ts';
import type { Log } from '../observe/log.ts';
import type { LaneSignals } from '../publish/publisher.ts';
import { Rounds } from '../rounds.ts';
import type { Database } from '../storage/database.ts';
import type { DueDelivery } from '../storage/due.ts';
import { laneKeyOf } from '../storage/lane-key.ts';
import { claimLanes, isLaneDue, releaseLanes, renewLeases } from '../storage/lanes.ts';
import { bringBack } from '../storage/set-back.ts';
import { Dispatch, type DispatchParts } from './dispatch.ts';
import { Lane } from './lane.ts';
import { laneShare } from './lane-share.ts';
import { LookOut } from './look-out.ts';
import { Upkeep } from './upkeep.ts';

/** A lease lasts this long unless it is renewed; the lanes of a worker that died are taken over after it. */
export const LEASE_MS = 15_000;
const RENEW_EVERY_MS = LEASE_MS / 3;
/** How often an idle worker looks for due lanes; commits in this process wake it at once. */
const LOOK_OUT_EVERY_MS = 250;
/** A lane stays leased this long without work, so that the next event finds it warm. */
const LINGER_MS = 5000;
/** A busy lane is read from its start this often, for what was committed behind its cursor. */
const REWIND_EVERY_MS = 5000;
/** Wait after the database was away. */
const PAUSE_MS = 1000;
/** Wait for a commit to a lane that is to be let go of. */
const BUSY_MS = 10;
const LANES_A_CLAIM = 256;
/** A clock that goes back by more than this was set; a time server's own steps are smaller. */
const SET_BACK_MS = 1000;
/** How long open attempts, and requests, may take to end when the server stops. */
export const DRAIN_MS = 15_000;

export type WorkerParts = Omit<DispatchParts, 'mayStart' | 'forget' | 'release' | 'laneShare'>;

/** Leases lanes that are due and delivers what waits in them, until it is stopped. */
export class Worker implements LaneSignals {
  readonly id = newId('wrk');
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #dispatch: Dispatch;
  readonly #lookOut: LookOut;
  readonly #rounds: Rounds;
  readonly #upkeep: Upkeep;
  readonly #lanes = new Map<string, Lane>();
  /** Forgotten, but in the database still this worker's, which renews them too: let go of until it succeeds. */
  readonly #leaving = new Set<Lane>();
  #leaseUntil = 0;
  #renewAt = 0;
  #tickedAt = 0;

  constructor(parts: WorkerParts) {
    this.#db = parts.db;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#rounds = new Rounds(parts.clock, () => this.#round());
    this.#upkeep = new Upkeep(parts.db, parts.log);
    this.#lookOut = new LookOut(
      () => this.#claim(),
      (error) => this.#log.error({ err: error }, 'the worker cannot lease lanes'),
    );
    this.#dispatch = new Dispatch({
      ...parts,
      mayStart: () => this.#clock.now() < this.#leaseUntil,
      forget: (lane) => this.#forget(lane),
      release: (lane) => this.#leaving.add(lane),
      laneShare: () => laneShare(this.#lanes.size),
    });
  }

  /** How many lanes this worker has leased. */
  get leasedLanes(): number {
    return this.#lanes.size;
  }

  /** Starts looking for due lanes. */
  start(): void {
    this.#upkeep.start(this.#clock.now());
    this.#rounds.start(0);
  }

  wake(teamId: string, endpointId: string, dueAt: number, delivery?: DueDelivery): void {
    const lane = this.#lanes.get(laneKeyOf(teamId, endpointId));
    if (lane === undefined) {
      this.#lookOut.ask();
      return;
    }
    if (delivery === undefined) lane.rewind(dueAt);
    else if (!lane.take(delivery, this.#clock.now(), laneShare(this.#lanes.size))) {
      // A read under way may pass it by: groups of two processes, or two at once, need not commit in the order of their times.
      if (lane.isAhead(delivery) && !lane.isReading) lane.hasMore = true;
      else lane.rewind(dueAt);
    }
    this.#dispatch.offer(lane);
  }

  endpointChanged(teamId: string, endpointId: string): void {
    const lane = this.#lanes.get(laneKeyOf(teamId, endpointId));
    if (lane === undefined) return;
    lane.restart(this.#clock.now());
    this.#dispatch.offer(lane);
  }

  /** Takes no more lanes, lets open attempts end (for at most 15 s), then lets all lanes go. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#lookOut.rest();
    await Promise.race([this.#dispatch.stop(), new Promise<void>((resolve) => this.#clock.after(DRAIN_MS, resolve))]);
    for (const lane of this.#lanes.values()) this.#leave(lane);
    try {
      for (await this.#letGo(); this.#leaving.size > 0 && this.#clock.now() < this.#leaseUntil; await this.#letGo())
        await new Promise<void>((resolve) => this.#clock.after(BUSY_MS, resolve));
    } catch (error) {
      this.#log.error({ err: error }, 'cannot let the lanes go; others take them over when the lease is over');
    }
  }

  async #round(): Promise<number> {
    try {
      await this.#tick();
      return LOOK_OUT_EVERY_MS;
    } catch (error) {
      this.#log.error({ err: error }, 'the worker cannot reach the database; it tries again in a second');
      return PAUSE_MS;
    }
  }

  async #tick(): Promise<void> {
    const now = this.#clock.now();
    if (now < this.#tickedAt - SET_BACK_MS) await this.#goBack(now);
    this.#tickedAt = now;
    if (this.#lanes.size > 0 && now >= this.#leaseUntil) this.#loseAll();
    if (now >= this.#renewAt) await this.#renew(now);
    await this.#letGo();
    await this.#tendLanes(now);
    await this.#upkeep.tend(now);
    this.#dispatch.goOn();
    this.#lookOut.ask();
  }

  /** The clock was set back: nothing may wait for the time in which it was ahead. */
  async #goBack(now: number): Promise<void> {
    this.#log.warn({ by_ms: this.#tickedAt - now }, 'the clock was set back');
    await bringBack(this.#db, now);
    this.#renewAt = now;
    this.#upkeep.restart(now);
    for (const lane of this.#lanes.values()) {
      lane.idleSince = now;
      lane.healthWrittenAt = now;
      lane.nextDueAt = undefined;
      lane.restart(now);
      this.#dispatch.offer(lane);
    }
  }

  /** Wakes lanes whose time has come, rereads busy ones, lets idle ones go. */
  async #tendLanes(now: number): Promise<void> {
    const idle: Lane[] = [];
    for (const lane of this.#lanes.values()) {
      if (typeof lane.nextDueAt === 'number' && lane.nextDueAt <= now) {
        lane.wakeDue(lane.nextDueAt, now);
        this.#dispatch.offer(lane);
      } else if (lane.isIdle) {
        if (now - lane.idleSince >= LINGER_MS) idle.push(lane);
      } else if (now - lane.rewoundAt >= REWIND_EVERY_MS) {
        lane.restart(now);
        this.#dispatch.offer(lane);
      }
    }
    if (idle.length > 0) await this.#release(idle);
  }

  async #release(lanes: Lane[]): Promise<void> {
    // Forgotten first: what is committed for them from now on arms their row, and is found by the look-out below.
    for (const lane of lanes) this.#leave(lane);
    await this.#letGo();
    for (const lane of lanes) {
      // Somebody is committing to it at this moment, so there is work.
      if (!this.#leaving.delete(lane)) continue;
      lane.isLost = false;
      this.#lanes.set(laneKeyOf(lane.teamId, lane.endpointId), lane);
      lane.restart(this.#clock.now());
      this.#dispatch.offer(lane);
    }
    this.#lookOut.ask();
  }

  /** Leases due lanes that are nobody's; true when there may be more of them. */
  async #claim(): Promise<boolean> {
    const now = this.#clock.now();
    // A read, so that an idle worker, or one whose neighbour has the lane, writes nothing.
    if (!this.#rounds.isRunning || !(await isLaneDue(this.#db, now))) return false;
    const leased = await claimLanes(this.#db, this.id, now, now + LEASE_MS, LANES_A_CLAIM);
    // The first lease of a worker without lanes starts its term; later ones are renewed with the rest.
    if (this.#lanes.size === 0 && leased.length > 0) {
      this.#leaseUntil = now + LEASE_MS;
      this.#renewAt = now + RENEW_EVERY_MS;
    }
    for (const row of leased) {
      const lane = new Lane(row, now);
      this.#lanes.set(laneKeyOf(lane.teamId, lane.endpointId), lane);
      this.#dispatch.offer(lane);
    }
    return leased.length === LANES_A_CLAIM;
  }

  async #renew(now: number): Promise<void> {
    if (this.#lanes.size === 0) return;
    const before = [...this.#lanes.values()];
    const rows = await renewLeases(this.#db, this.id, now + LEASE_MS);
    this.#leaseUntil = now + LEASE_MS;
    this.#renewAt = now + RENEW_EVERY_MS;
    const mine = new Set(rows.map((row) => `${laneKeyOf(row.team_id, row.endpoint_id)}\n${row.fence}`));
    for (const lane of before)
      if (!mine.has(`${laneKeyOf(lane.teamId, lane.endpointId)}\n${lane.fence}`)) this.#forget(lane);
  }

  /** The lease ran out before it could be renewed: others may have the lanes by now. */
  #loseAll(): void {
    this.#log.warn({ lanes: this.#lanes.size }, 'the lease on all lanes ran out before it could be renewed');
    for (const lane of [...this.#lanes.values()]) this.#forget(lane);
  }

  #forget(lane: Lane): void {
    lane.isLost = true;
    this.#dispatch.withdraw(lane);
    if (this.#lanes.get(laneKeyOf(lane.teamId, lane.endpointId)) === lane)
      this.#lanes.delete(laneKeyOf(lane.teamId, lane.endpointId));
  }

  #leave(lane: Lane): void {
    this.#forget(lane);
    this.#leaving.add(lane);
  }

  /** Lets go of forgotten lanes; one that somebody is committing to at this moment stays for the next time. Never runs twice at once. */
  async #letGo(): Promise<void> {
    if (this.#leaving.size === 0) return;
    for (const lane of await releaseLanes(this.#db, [...this.#leaving])) this.#leaving.delete(lane);
  }
}
