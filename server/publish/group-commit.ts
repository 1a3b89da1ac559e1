import type { Database, Statements } from '../storage/database.ts';
import { StorageUnavailable } from '../storage/database.ts';

/** A kind of work that is committed in groups. It gets all waiting items of its kind and answers for each, in order. */
export interface CommitKind<Item, Result> {
  /** Runs inside the transaction; may run again for the same items when the transaction is retried. */
  apply(tx: Statements, items: readonly Item[]): Promise<Result[]>;
  /** Items that share a key never stand in the same group, so that the later one sees the earlier one committed. */
  keysOf?(item: Item): readonly string[];
}

/** Hands one item over to be committed; resolves when it is on disk. */
export type Submit<Item, Result> = (item: Item) => Promise<Result>;

interface Waiting {
  kind: CommitKind<unknown, unknown>;
  item: unknown;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** A group's size: more would make the first one wait longer than a disk write takes. */
const LARGEST_GROUP = 256;

/**
 * Group commit: items that wait at the same moment share one transaction and one write to disk.
 * When a group fails it is rolled back and each item is tried alone, so that one bad item costs only itself;
 * when the database is away, all of the group fail at once.
 */
export class GroupCommit {
  readonly #db: Database;
  #waiting: Waiting[] = [];
  #isRunning = false;
  /** Called with the size of each committed group. */
  onGroup: ((size: number) => void) | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  /** A function that commits items of this kind through the group. */
  register<Item, Result>(kind: CommitKind<Item, Result>): Submit<Item, Result> {
    return (item) =>
      new Promise<Result>((resolve, reject) => {
        this.#waiting.push({
          kind: kind as CommitKind<unknown, unknown>,
          item,
          resolve: resolve as (result: unknown) => void,
          reject,
        });
        if (!this.#isRunning) {
          this.#isRunning = true;
          // Everything that arrives in this turn of the event loop joins the first group.
          setImmediate(() => void this.#run());
        }
      });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#commit(this.#nextGroup());
      // Let the input that arrived meanwhile be read, so that it joins the next group.
      await new Promise(setImmediate);
    }
    this.#isRunning = false;
  }

  #nextGroup(): Waiting[] {
    const taken = new Set<string>();
    const group: Waiting[] = [];
    const left: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const keys = waiting.kind.keysOf?.(waiting.item) ?? [];
      if (group.length < LARGEST_GROUP && !keys.some((key) => taken.has(key))) {
        for (const key of keys) taken.add(key);
        group.push(waiting);
      } else {
        left.push(waiting);
      }
    }
    this.#waiting = left;
    return group;
  }

  async #commit(group: Waiting[]): Promise<void> {
    try {
      const results = await this.#db.transaction((tx) => applyAll(tx, group));
      group.forEach((waiting, index) => {
        waiting.resolve(results[index]);
      });
      this.onGroup?.(group.length);
    } catch (error) {
      const only = group[0];
      if (group.length === 1 && only !== undefined) only.reject(error);
      else if (error instanceof StorageUnavailable) for (const waiting of group) waiting.reject(error);
      else for (const waiting of group) await this.#commit([waiting]);
    }
  }
}

/** Applies a group kind by kind and answers in the group's order. */
async function applyAll(tx: Statements, group: readonly Waiting[]): Promise<unknown[]> {
  const byKind = new Map<CommitKind<unknown, unknown>, number[]>();
  group.forEach((waiting, index) => {
    const places = byKind.get(waiting.kind);
    if (places === undefined) byKind.set(waiting.kind, [index]);
    else places.push(index);
  });
  const results = new Array<unknown>(group.length);
  for (const [kind, places] of byKind) {
    const answers = await kind.apply(
      tx,
      places.map((place) => group[place]?.item),
    );
    places.forEach((place, index) => {
      results[place] = answers[index];
    });
  }
  return results;
}
