/**
 * Runs `look` when asked, never twice at once: what is asked for meanwhile makes it look once more.
 * `look` answers whether there is more to look for at once.
 */
export class LookOut {
  readonly #look: () => Promise<boolean>;
  readonly #onError: (error: unknown) => void;
  #isAsked = false;
  #running: Promise<void> | undefined;

  constructor(look: () => Promise<boolean>, onError: (error: unknown) => void) {
    this.#look = look;
    this.#onError = onError;
  }

  /** Looks now, or once more when a look is under way. */
  ask(): void {
    this.#isAsked = true;
    this.#running ??= this.#run();
  }

  /** Resolves when no look is under way. */
  async rest(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isAsked) {
      this.#isAsked = false;
      try {
        if (await this.#look()) this.#isAsked = true;
      } catch (error) {
        this.#onError(error);
      }
    }
    // In the same turn as the last check, so that no question falls between the two.
    this.#running = undefined;
  }
}
