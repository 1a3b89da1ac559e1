import type { Metrics } from '../observe/metrics.ts';
import { type Database, type Procedure, type Statements, StorageUnavailable } from '../storage/database.ts';

/** A kind of work that is committed in groups: it gets all waiting items of its kind and answers for each, in order. */
export type CommitKind<Item, Result> = (tx: Statements, items: readonly Item[]) => Promise<Result[]>;

/** Hands one item over to be committed; resolves when it is on disk. */
export type Submit<Item, Result> = (item: Item) => Promise<Result>;

/** The name under which a store knows the procedure below. */
export const COMMIT = 'commit';

/** The items of one kind in a group. */
interface Part {
  kind: string;
  items: unknown[];
}

/** The procedure that commits a group: its kinds side by side, in one transaction. */
export function commitProcedure(kinds: Record<string, CommitKind<never, unknown>>): Procedure {
  return (tx, parts: Part[]) =>
    Promise.all(
      parts.map(({ kind, items }) => {
        const apply = kinds[kind];
        if (apply === undefined) throw new Error(`nothing commits ${kind}`);
        return apply(tx, items as never[]);
      }),
    );
}

interface Waiting {
  kind: string;
  item: unknown;
  keys: readonly string[];
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** A group's size: more would make the first one wait longer than a disk write takes. */
const LARGEST_GROUP = 256;
/** A second group sets out while the first is under way only when this many wait: small groups cost most an item. */
const WORTH_A_SECOND = 16;
const MOST_IN_FLIGHT = 2;

/**
 * Group commit: items that wait at the same moment share one transaction and one write to disk. A second group may be
 * on its way while the first is written, so that the store has no pause between them.
 * When a group fails it is rolled back and each item is tried alone, so that one bad item costs only itself;
 * when the database is away, all of the group fail at once.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #metrics: Pick<Metrics, 'committed'>;
  #waiting: Waiting[] = [];
  #inFlight = 0;
  #isScheduled = false;

  constructor(db: Database, metrics: Pick<Metrics, 'committed'>) {
    this.#db = db;
    this.#metrics = metrics;
  }

  /**
   * A function that commits items of a kind through the group.
   * @param keysOf items that share a key never stand in the same group, so that the later sees the earlier one committed
   */
  register<Item, Result>(kind: string, keysOf: (item: Item) => readonly string[] = () => []): Submit<Item, Result> {
    return (item) =>
      new Promise<Result>((resolve, reject) => {
        this.#waiting.push({ kind, item, keys: keysOf(item), resolve: resolve as Waiting['resolve'], reject });
        this.#schedule();
      });
  }

  /** Everything that arrives in this turn of the event loop joins the group. */
  #schedule(): void {
    if (this.#isScheduled || !this.#mayStart()) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#mayStart()) this.#start(this.#nextGroup());
    });
  }

  #mayStart(): boolean {
    const enough = this.#inFlight === 0 ? 1 : WORTH_A_SECOND;
    return this.#inFlight < MOST_IN_FLIGHT && this.#waiting.length >= enough;
  }

  #start(group: Waiting[]): void {
    this.#inFlight += 1;
    void this.#commit(group).finally(() => {
      this.#inFlight -= 1;
      this.#schedule();
    });
  }

  #nextGroup(): Waiting[] {
    const taken = new Set<string>();
    const group: Waiting[] = [];
    const left: Waiting[] = [];
    for (const waiting of this.#waiting) {
      if (group.length < LARGEST_GROUP && !waiting.keys.some((key) => taken.has(key))) {
        for (const key of waiting.keys) taken.add(key);
        group.push(waiting);
      } else {
        left.push(waiting);
      }
    }
    this.#waiting = left;
    return group;
  }

  async #commit(group: Waiting[]): Promise<void> {
    const kinds = Map.groupBy(group, (waiting) => waiting.kind);
    const parts: Part[] = [...kinds].map(([kind, ofKind]) => ({ kind, items: ofKind.map((waiting) => waiting.item) }));
    const startedAt = performance.now();
    try {
      const results = await this.#db.perform<unknown[][]>(COMMIT, parts);
      this.#metrics.committed(group.length, performance.now() - startedAt);
      [...kinds.values()].forEach((ofKind, part) => {
        ofKind.forEach((waiting, index) => {
          waiting.resolve(results[part]?.[index]);
        });
      });
    } catch (error) {
      const [only] = group;
      if (group.length === 1 && only !== undefined) only.reject(error);
      else if (error instanceof StorageUnavailable) for (const waiting of group) waiting.reject(error);
      else for (const waiting of group) await this.#commit([waiting]);
    }
  }
}
