import type { EndpointHealth } from '../model.ts';
import type { Cursor, DueDelivery, EndpointSettings } from '../storage/due.ts';
import type { LeasedLane } from '../storage/lanes.ts';

/** How many attempts of one endpoint are open at once; 1 after a time-out, until a success. */
export const CAP_IN_FLIGHT = 10;

/** Twice the cap: the next deliveries are at hand when an attempt ends. */
export const READ_AHEAD = 2 * CAP_IN_FLIGHT;

/** A lane takes so many committed deliveries in memory; further ones are read when their turn comes. */
const MOST_WAITING = 64;

const START: Cursor = { dueAt: -1, id: '' };

/** A leased lane as its owner sees it. What is not here can be read again from the database. */
export class Lane {
  readonly teamId: string;
  readonly endpointId: string;
  readonly fence: number;
  readonly health: EndpointHealth;
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
  /** When a delivery that is not due yet will be; undefined while it is not known. */
  nextDueAt: number | null | undefined;
  settings: EndpointSettings | undefined;
  settingsReadAt = Number.NEGATIVE_INFINITY;
  cap = CAP_IN_FLIGHT;
  /** Since when there has been nothing to do. */
  idleSince = 0;
  rewoundAt: number;
  /** No longer this worker's: nothing may start, results are dropped. */
  isLost = false;

  constructor(leased: LeasedLane, now: number) {
    this.teamId = leased.team_id;
    this.endpointId = leased.endpoint_id;
    this.fence = leased.fence;
    this.health = {
      failing_since: leased.failing_since,
      last_success_at: leased.last_success_at,
      consecutive_failures: leased.consecutive_failures,
    };
    this.idleSince = now;
    this.rewoundAt = now;
  }

  /** There is, or may be, something to start, and room to start it. */
  get isReady(): boolean {
    return !this.isLost && !this.isReading && this.posting < this.cap && (this.waiting.length > 0 || this.hasMore);
  }

  get isIdle(): boolean {
    return this.open.size === 0 && this.waiting.length === 0 && !this.hasMore && !this.isReading;
  }

  /**
   * Takes a delivery that was just committed, if the lane has read everything before it and has room; false when it
   * will have to be read.
   */
  take(delivery: DueDelivery): boolean {
    if (this.hasMore || this.isReading || this.waiting.length >= MOST_WAITING || !this.isAhead(delivery)) return false;
    this.cursor = { dueAt: delivery.due_at, id: delivery.id };
    this.waiting.push(delivery);
    return true;
  }

  /** Whether a delivery stands behind everything that was read. */
  isAhead({ due_at, id }: { due_at: number; id: string }): boolean {
    return due_at > this.cursor.dueAt || (due_at === this.cursor.dueAt && id > this.cursor.id);
  }

  /** Reads again from `dueAt` on: something was committed there. */
  rewind(dueAt: number): void {
    this.hasMore = true;
    if (dueAt > this.cursor.dueAt) return;
    this.rewinds += 1;
    // What was read and not started is read again, so that the order stays by due time.
    this.waiting = [];
    this.cursor = { dueAt: dueAt - 1, id: '' };
  }

  /** Forgets all that was read: the endpoint changed, or it is time to look from the start. */
  restart(now: number): void {
    this.rewind(START.dueAt);
    this.settingsReadAt = Number.NEGATIVE_INFINITY;
    this.rewoundAt = now;
  }

  /** Drops what was read; nothing is read until the lane is woken. */
  stopReading(): void {
    this.waiting = [];
    this.hasMore = false;
    this.cursor = START;
  }

  /** Takes in what was read past the cursor, but for what was open when the read began: nothing starts during a read. */
  accept(due: DueDelivery[], wasOpen: ReadonlySet<string>): void {
    for (const delivery of due) {
      this.cursor = { dueAt: delivery.due_at, id: delivery.id };
      if (!wasOpen.has(delivery.id)) this.waiting.push(delivery);
    }
  }
}
