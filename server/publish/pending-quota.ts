import { Problem } from '../problem.ts';

/** A count holds for this long, and for so many times as long as it took, unless it says that there is no room. */
const SHORTEST_HOLD_MS = 5000;
const HOLD_FACTOR = 20;
/** A refusal counts anew at most so often. */
const SHORTEST_REFUSAL_MS = 500;

interface Known {
  /** What was counted, and what this process has added since the count began. */
  counted: number;
  added: number;
  /** By the monotonic clock. */
  countedAt: number;
  tookMs: number;
  running: Promise<void> | undefined;
}

/**
 * How many deliveries of a team may wait. A team that is far from its quota is counted now and then; what this process accepts
 * meanwhile is added, so that only what other processes accept, and what is being committed, can go beyond.
 */
export class PendingQuota {
  readonly #most: number;
  readonly #count: (teamId: string) => Promise<number>;
  readonly #teams = new Map<string, Known>();

  /**
   * @param most deliveries of one team; 0 for any number
   * @param count counts those of a team that wait
   */
  constructor(most: number, count: (teamId: string) => Promise<number>) {
    this.#most = most;
    this.#count = count;
  }

  /** Notes deliveries that were committed. */
  added(teamId: string, deliveries: number): void {
    const known = this.#teams.get(teamId);
    if (known !== undefined) known.added += deliveries;
  }

  /** @throws Problem 429 `pending_quota_exceeded` when as many deliveries of the team wait as may. */
  async check(teamId: string): Promise<void> {
    if (this.#most === 0) return;
    const known = this.#teams.get(teamId) ?? this.#begin(teamId);
    const age = performance.now() - known.countedAt;
    const isFull = known.counted + known.added >= this.#most;
    const holdsFor = isFull ? SHORTEST_REFUSAL_MS : Math.max(SHORTEST_HOLD_MS, HOLD_FACTOR * known.tookMs);
    if (age >= holdsFor) {
      known.running ??= this.#recount(teamId, known);
      // Where there is room, it is counted beside the work.
      if (isFull || known.countedAt === Number.NEGATIVE_INFINITY) await known.running;
    }
    if (known.counted + known.added < this.#most) return;
    throw new Problem(
      429,
      'pending_quota_exceeded',
      `${this.#most} deliveries of this team wait already, which is its quota of pending deliveries. Try again when some have been delivered, or mend or delete the endpoints that hold them.`,
      { headers: { 'Retry-After': '5' } },
    );
  }

  #begin(teamId: string): Known {
    const known = { counted: 0, added: 0, countedAt: Number.NEGATIVE_INFINITY, tookMs: 0, running: undefined };
    this.#teams.set(teamId, known);
    return known;
  }

  async #recount(teamId: string, known: Known): Promise<void> {
    const started = performance.now();
    const before = known.added;
    try {
      known.counted = await this.#count(teamId);
      // What came meanwhile may have been counted; it is not forgotten for that.
      known.added -= before;
    } finally {
      known.countedAt = performance.now();
      known.tookMs = known.countedAt - started;
      known.running = undefined;
    }
  }
}
