/**
 * Between two transactions of SQLite's writing thread, for whoever needs the writer to stand still for a moment: left to the database's own
 * lock, that one would have to find the instant in which a busy writer does not hold it.
 */

const WANTED = 0;
const WRITING = 1;
/** So long at most the writer stands still: whoever wanted it has ended without a word. */
const LONGEST_MS = 1000;

/** The memory that the two threads share. */
export function writeTurnMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

/** One thread's side of the turn: the writer calls `begin` and `end`, the other one `between`. */
export class WriteTurn {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** For the writer: a transaction is about to begin. Waits while somebody else has the turn. */
  begin(): void {
    Atomics.store(this.#words, WRITING, 1);
    while (Atomics.load(this.#words, WANTED) === 1) {
      this.end();
      const outcome = Atomics.wait(this.#words, WANTED, 1, LONGEST_MS);
      Atomics.store(this.#words, WRITING, 1);
      if (outcome === 'timed-out') return;
    }
  }

  /** For the writer: no transaction is open any more. */
  end(): void {
    Atomics.store(this.#words, WRITING, 0);
    Atomics.notify(this.#words, WRITING);
  }

  /** Runs `work` while no transaction is open and none begins; not at all when one stays open for longer than `patienceMs`. */
  between(patienceMs: number, work: () => void): void {
    Atomics.store(this.#words, WANTED, 1);
    try {
      if (Atomics.wait(this.#words, WRITING, 1, patienceMs) !== 'timed-out') work();
    } finally {
      Atomics.store(this.#words, WANTED, 0);
      Atomics.notify(this.#words, WANTED);
    }
  }
}
