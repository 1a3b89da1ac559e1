import type { Clock } from '../clock.ts';
import { Turns } from '../turns.ts';

/** While batches of so many bytes are under way, the next one waits: two of 100 events of 2 KB, which fill a group commit. */
const ENOUGH_BYTES = 256 * 1024;
/** No batch waits for longer. */
const LONGEST_WAIT_MS = 1000;
/** No batch keeps others waiting for longer, whether its body comes slowly or the disk is slow. */
const LONGEST_HOLD_MS = 250;

interface Waiting {
  teamId: string;
  enter(): void;
}

/**
 * Lets a few batches in at a time, team by team; the bodies of the others stay in their sockets. What waits long for its commit and its
 * attempt is copied by every collection of the young generation, and then dies in the old one: with 16 batches under way a delivery
 * took half as much CPU again as with two.
 */
export class Intake {
  readonly #clock: Clock;
  readonly #line = new Turns<Waiting>();
  /** Bytes of the batches under way. */
  #inside = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when a batch may be read, at the latest after a second. The function that it resolves with gives the place back.
   * @param bytes how long the body is, as far as the request says so
   */
  enter(teamId: string, bytes = ENOUGH_BYTES): Promise<() => void> {
    if (this.#inside < ENOUGH_BYTES) return Promise.resolve(this.#take(bytes));
    return new Promise((resolve) => {
      const waiting = {
        teamId,
        enter: () => {
          stopWaiting();
          resolve(this.#take(bytes));
        },
      };
      const stopWaiting = this.#clock.after(LONGEST_WAIT_MS, () => {
        this.#line.remove(waiting);
        waiting.enter();
      });
      this.#line.add(waiting);
    });
  }

  #take(bytes: number): () => void {
    this.#inside += bytes;
    let isInside = true;
    const leave = (): void => {
      if (!isInside) return;
      isInside = false;
      stopHolding();
      this.#inside -= bytes;
      while (this.#inside < ENOUGH_BYTES) {
        const next = this.#line.next();
        if (next === undefined) return;
        next.enter();
      }
    };
    const stopHolding = this.#clock.after(LONGEST_HOLD_MS, leave);
    return leave;
  }
}
