import type { Clock } from '../clock.ts';
import type { Log } from '../observe/log.ts';
import type { Database } from '../storage/database.ts';
import { readLastSeqs } from '../storage/feed.ts';

/** How often it is looked for events that other processes committed, while somebody waits. */
const LOOK_EVERY_MS = 500;
/** A reader whose filter lets nothing of what is committed through looks no more often than this. */
const PAUSE_MS = 50;

/** A reader of a team's feed that has come to its end. */
export interface Watching {
  /**
   * Resolves to true when events may have been committed past `seq`, also between two calls; to false when `ms` milliseconds
   * have passed, when `signal` aborts, and when the server stops.
   */
  next(seq: number, ms: number, signal: AbortSignal): Promise<boolean>;
  /** Ends the watching. */
  close(): void;
}

interface Reader {
  /** Where it has read to. */
  seq: number;
  /** Set by a commit until the reader is told. */
  hasNews: boolean;
  toldAt: number;
  /** Ends its waiting, if it waits for news. */
  wake: () => void;
}

/**
 * Tells those who wait in a feed of new events. What this process commits is told at once; what others commit is found by
 * reading the last number of every team that is waited for, so that it costs the same however many requests wait.
 * Nobody who waits holds a connection of the database.
 */
export class FeedWatch {
  readonly #parts: { db: Database; clock: Clock; log: Log };
  readonly #readers = new Map<string, Set<Reader>>();
  /** Ends the waiting of each who waits. */
  readonly #waiting = new Set<() => void>();
  #isStopped = false;
  #isLookScheduled = false;

  constructor(parts: { db: Database; clock: Clock; log: Log }) {
    this.#parts = parts;
  }

  /** How many read at the end of a feed. */
  get readers(): number {
    let count = 0;
    for (const readers of this.#readers.values()) count += readers.size;
    return count;
  }

  /** Events of the team were committed. */
  ring(teamId: string): void {
    for (const reader of this.#readers.get(teamId) ?? []) tell(reader);
  }

  /** Begins to watch a team; to be closed. What is committed from now on is not missed. */
  watch(teamId: string): Watching {
    const reader: Reader = { seq: 0, hasNews: false, toldAt: Number.NEGATIVE_INFINITY, wake: () => undefined };
    const readers = this.#readers.get(teamId) ?? new Set();
    this.#readers.set(teamId, readers.add(reader));
    return {
      next: (seq, ms, signal) => this.#next(reader, seq, ms, signal),
      close: () => {
        readers.delete(reader);
        if (readers.size === 0 && this.#readers.get(teamId) === readers) this.#readers.delete(teamId);
      },
    };
  }

  /** The server stops: nobody waits any more. */
  stop(): void {
    this.#isStopped = true;
    for (const wake of this.#waiting) wake();
  }

  async #next(reader: Reader, seq: number, ms: number, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#parts;
    const end = clock.now() + ms;
    reader.seq = seq;
    this.#scheduleLook();
    await this.#pass(Math.min(ms, reader.toldAt + PAUSE_MS - clock.now()), signal);
    if (!reader.hasNews)
      await this.#pass(end - clock.now(), signal, (wake) => {
        reader.wake = wake;
      });
    if (!reader.hasNews || ms <= 0 || signal.aborted || this.#isStopped) return false;
    reader.hasNews = false;
    reader.toldAt = clock.now();
    return true;
  }

  /** Lets time pass, until `signal` aborts, the server stops, or what `onWait` is given is called. */
  async #pass(ms: number, signal: AbortSignal, onWait: (wake: () => void) => void = () => undefined): Promise<void> {
    if (ms <= 0 || signal.aborted || this.#isStopped) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        cancel();
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      const cancel = this.#parts.clock.after(ms, wake);
      signal.addEventListener('abort', wake);
      this.#waiting.add(wake);
      onWait(wake);
    });
  }

  #scheduleLook(): void {
    if (this.#isLookScheduled || this.#readers.size === 0 || this.#isStopped) return;
    this.#isLookScheduled = true;
    this.#parts.clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { db, log } = this.#parts;
    try {
      for (const [teamId, lastSeq] of await readLastSeqs(db, [...this.#readers.keys()]))
        for (const reader of this.#readers.get(teamId) ?? []) if (lastSeq > reader.seq) tell(reader);
    } catch (error) {
      log.error({ err: error }, 'cannot look for new events');
    }
    this.#isLookScheduled = false;
    this.#scheduleLook();
  }
}

function tell(reader: Reader): void {
  reader.hasNews = true;
  reader.wake();
}
