import type { EndpointHealth, LaneHealth } from '../model.ts';
import type { Cursor, DueDelivery } from '../storage/due.ts';
import type { LeasedLane } from '../storage/lanes.ts';
import { BackOff } from './back-off.ts';
import type { OpenedEndpoint } from './open-endpoint.ts';
import { Order } from './order.ts';
import { Pace } from './pace.ts';

/** What an endpoint gets while many attempts are under way and none of its own has succeeded yet. */
const UNPROVEN_CAP = 2;

/** How far an ordered lane reads past what is stuck. */
const MOST_STUCK = 200;

const START: Cursor = { dueAt: -1, id: '' };

/** A leased lane as its owner sees it. What is not here can be read again from the database. */
export class Lane {
  readonly teamId: string;
  readonly endpointId: string;
  readonly fence: number;
  readonly health: EndpointHealth;
  readonly backOff: BackOff;
  readonly #pace = new Pace();
  readonly #order = new Order();
  /** When `health` was last written, so that a success a second is written, not each one. */
  healthWrittenAt = 0;
  /** Read and not started, earliest first. */
  waiting: DueDelivery[] = [];
  /** Started, and not yet settled on disk. */
  readonly open = new Set<string>();
  /** Attempts whose reply has not come yet: what the cap is for. */
  posting = 0;
  /** Where the owner has read to. */
  cursor: Cursor = START;
  /** There may be due deliveries past the cursor. */
  hasMore = true;
  isReading = false;
  /** Counts rewinds, so that a read that one overtook is thrown away. */
  rewinds = 0;
  /** The earliest due time of what was committed during the read under way, which may not have seen it. */
  #committedAt = Number.POSITIVE_INFINITY;
  /** When a delivery that is not due yet will be; undefined while it is not known. */
  nextDueAt: number | null | undefined;
  settings: OpenedEndpoint | undefined;
  settingsReadAt = Number.NEGATIVE_INFINITY;
  /** Since when there has been nothing to do. */
  idleSince = 0;
  rewoundAt: number;
  /** No longer this worker's: nothing may start, results are dropped. */
  isLost = false;
  /** Everything that waits is behind something of the same ordering key: nothing starts until that is over. */
  #isStuck = false;
  /** Cancels the timer that wakes the lane when its pace or its back-off lets it go on. */
  cancelWake: (() => void) | undefined;

  constructor(leased: LeasedLane, now: number) {
    this.teamId = leased.team_id;
    this.endpointId = leased.endpoint_id;
    this.fence = leased.fence;
    this.health = {
      failing_since: leased.failing_since,
      last_success_at: leased.last_success_at,
      consecutive_failures: leased.consecutive_failures,
    };
    this.backOff = new BackOff(leased);
    this.idleSince = now;
    this.rewoundAt = now;
  }

  get #isOrdered(): boolean {
    return this.settings?.ordered === 1;
  }

  /** There is, or may be, something to start, and room to start it; when, `readyAt` says. */
  get isReady(): boolean {
    return !this.isLost && !this.isReading && this.posting < this.#cap && (this.#hasNext || this.mayRead);
  }

  get #hasNext(): boolean {
    return this.waiting.length > 0 && !this.#isStuck;
  }

  /** More is read when nothing waits; in an ordered lane also when all that waits is stuck, while memory lasts. */
  get mayRead(): boolean {
    return this.hasMore && (this.waiting.length === 0 || (this.#isStuck && this.waiting.length < MOST_STUCK));
  }

  /** Attempts that may be open at once; one while the receiver is probed. */
  get #cap(): number {
    return this.backOff.isProbing ? 1 : (this.settings?.max_in_flight ?? 1);
  }

  /** Whether an attempt may start though many of others are under way: not many where none has succeeded yet. */
  mayCrowd(): boolean {
    return this.health.last_success_at !== null || this.posting < UNPROVEN_CAP;
  }

  /** When the next attempt may start by the lane's back-off and its rate limit, in epoch milliseconds. */
  readyAt(now: number): number {
    return Math.max(this.backOff.readyAt(now), this.#pace.readyAt(now, this.settings?.rate_limit ?? null));
  }

  get isIdle(): boolean {
    return (
      this.open.size === 0 && this.waiting.length === 0 && !this.hasMore && !this.isReading && !this.#order.isHolding
    );
  }

  /** What is written down about the receiver. */
  get healthState(): LaneHealth {
    return { ...this.health, ...this.backOff.state };
  }

  /** Takes the next delivery to start; undefined when none can. */
  start(now: number): DueDelivery | undefined {
    const delivery = this.#isOrdered ? this.#order.take(this.waiting) : this.waiting.shift();
    if (delivery === undefined) {
      this.#isStuck = this.waiting.length > 0;
      return undefined;
    }
    this.#pace.start(now, this.settings?.rate_limit ?? null);
    this.open.add(delivery.id);
    this.posting += 1;
    return delivery;
  }

  /** A delivery was settled, or its result dropped: with `retryAt` it is tried again then. */
  finish(delivery: DueDelivery, retryAt: number | null): void {
    this.open.delete(delivery.id);
    this.#isStuck = false;
    if (retryAt === null) this.#order.free(delivery);
    else if (this.#isOrdered) {
      this.waiting = this.#order.hold(delivery, retryAt, this.waiting);
      this.#dueNoLaterThan(this.#order.nextRetryAt ?? retryAt);
    } else {
      this.#order.free(delivery);
      this.#dueNoLaterThan(retryAt);
    }
  }

  /** While the next due time is unknown, the read that finds the lane empty looks it up. */
  #dueNoLaterThan(at: number): void {
    if (this.#isOrdered) this.nextDueAt = at;
    else if (this.nextDueAt !== undefined) this.nextDueAt = Math.min(this.nextDueAt ?? at, at);
  }

  /** The time of `nextDueAt` has come: what is due then is read. */
  wakeDue(dueAt: number, now: number): void {
    this.nextDueAt = undefined;
    if (!this.#isOrdered) {
      this.rewind(dueAt);
      return;
    }
    const from = this.#order.release(now);
    if (from !== undefined) this.rewind(from);
    this.nextDueAt = this.#order.nextRetryAt ?? undefined;
  }

  /**
   * Takes a delivery that was just committed, if the lane has read everything before it and has room; false when it
   * will have to be read.
   * @param most so many may wait in memory
   */
  take(delivery: DueDelivery, now: number, most: number): boolean {
    if (this.hasMore || this.isReading || this.waiting.length >= most || !this.isAhead(delivery)) return false;
    this.accept([delivery], this.open, now);
    return true;
  }

  /** Whether a delivery stands behind everything that was read. */
  isAhead({ due_at, id }: { due_at: number; id: string }): boolean {
    return due_at > this.cursor.dueAt || (due_at === this.cursor.dueAt && id > this.cursor.id);
  }

  /** Reads again from `dueAt` on: something was committed there. */
  rewind(dueAt: number): void {
    this.hasMore = true;
    if (this.isReading) this.#committedAt = Math.min(this.#committedAt, dueAt);
    if (dueAt > this.cursor.dueAt) return;
    this.rewinds += 1;
    // What was read from there on and not started is read again, so that the order stays by due time. What stands before it
    // stays: it would not be read again until the next restart, 5 s later.
    this.waiting = this.waiting.filter((delivery) => delivery.due_at < dueAt);
    this.#isStuck = false;
    this.cursor = { dueAt: dueAt - 1, id: '' };
  }

  /** Forgets all that was read: the endpoint changed, or it is time to look from the start. */
  restart(now: number): void {
    this.#order.restart();
    this.rewind(START.dueAt);
    this.settingsReadAt = Number.NEGATIVE_INFINITY;
    this.rewoundAt = now;
  }

  /** Drops what was read; nothing is read until the lane is woken. */
  stopReading(): void {
    this.waiting = [];
    this.#order.restart();
    this.hasMore = false;
    this.cursor = START;
  }

  /** Takes in what was read past the cursor, but for what was open when the read began: nothing starts during a read. */
  accept(due: readonly DueDelivery[], wasOpen: ReadonlySet<string>, now: number): void {
    for (const delivery of due) {
      this.cursor = { dueAt: delivery.due_at, id: delivery.id };
      if (wasOpen.has(delivery.id)) continue;
      if (!this.#isOrdered || this.#order.admits(delivery, now)) {
        this.waiting.push(delivery);
        this.#isStuck = false;
      } else this.#dueNoLaterThan(this.#order.nextRetryAt ?? now);
    }
    // It stands before what the read has found, where the cursor would not come by again.
    if (this.#committedAt <= this.cursor.dueAt) this.rewind(this.#committedAt);
    this.#committedAt = Number.POSITIVE_INFINITY;
  }
}
