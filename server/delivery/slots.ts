/** An attempt that is open, or whose result is not yet on disk. */
export interface Slot {
  startedAt: number;
}

/** Attempts that may be under way at once in this process, shared by team, then lane. */
const MOST_QUICK = 512;
/** An attempt that has been open this long waits for a slow receiver, and must not keep others from starting. */
const SLOW_AFTER_MS = 1000;
/** Beyond this many slow ones nothing starts: each is a socket. */
const MOST_SLOW = 4096;

/**
 * The room for attempts in a process. Those that hang are counted apart after a second: fifty receivers that never answer
 * cost a second's worth of places, once, and no more.
 */
export class Slots {
  /** In the order in which they started. */
  readonly #quick = new Set<Slot>();
  readonly #slow = new Set<Slot>();

  /** How many attempts are under way. */
  get taken(): number {
    return this.#quick.size + this.#slow.size;
  }

  /** Whether so many are under way that receivers of which nothing good is known should wait. */
  get isCrowded(): boolean {
    return this.#quick.size >= MOST_QUICK / 2;
  }

  /** Whether one more may start. */
  hasRoom(now: number): boolean {
    if (this.#quick.size < MOST_QUICK) return true;
    for (const slot of this.#quick) {
      // A clock that was set back makes an attempt look younger than it is; it then counts as quick for longer.
      if (now - slot.startedAt < SLOW_AFTER_MS || this.#slow.size >= MOST_SLOW) break;
      this.#quick.delete(slot);
      this.#slow.add(slot);
    }
    return this.#quick.size < MOST_QUICK;
  }

  take(now: number): Slot {
    const slot = { startedAt: now };
    this.#quick.add(slot);
    return slot;
  }

  free(slot: Slot): void {
    if (!this.#quick.delete(slot)) this.#slow.delete(slot);
  }
}
