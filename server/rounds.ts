import type { Clock } from './clock.ts';

/**
 * Work in rounds, one after the other, until it is stopped. A round answers with the milliseconds to wait for the next one,
 * after a failure too: it never rejects.
 */
export class Rounds {
  readonly #clock: Clock;
  readonly #round: () => Promise<number>;
  #isRunning = false;
  #cancelNext: () => void = () => undefined;
  #current: Promise<void> = Promise.resolve();

  constructor(clock: Clock, round: () => Promise<number>) {
    this.#clock = clock;
    this.#round = round;
  }

  /** Whether it was started and not stopped: a long round looks here whether it is to go on. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Begins with a first round in `ms` milliseconds. */
  start(ms: number): void {
    this.#isRunning = true;
    this.#schedule(ms);
  }

  /** Begins no more rounds; resolves when the one under way is over. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancelNext();
    await this.#current;
  }

  #schedule(ms: number): void {
    this.#cancelNext = this.#clock.after(ms, () => {
      this.#current = this.#round().then((pause) => {
        if (this.#isRunning) this.#schedule(pause);
      });
    });
  }
}
