import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import type { Cast } from './stage.ts';

/** The clock of programs that are started with `cast`. */
export interface MovableClock {
  cast: Cast;
  /** Moves it by so many milliseconds, either way; resolves when the program lives in the new time. */
  move(program: Program, ms: number): Promise<void>;
  /** The time there. */
  now(): number;
}

/** A clock in a file, which `preload/movable-clock.ts` reads. */
export function movableClock(folder: string, name = 'clock'): MovableClock {
  const path = join(folder, name);
  let offset = 0;
  writeFileSync(path, '0');
  return {
    cast: { preload: ['test/faults/preload/movable-clock.ts'], env: { FAULT_CLOCK: path } },
    async move({ pid }, ms) {
      offset += ms;
      writeFileSync(path, String(offset));
      const seen = `${path}.${pid}`;
      const isSeen = (): boolean => {
        try {
          return readFileSync(seen, 'utf8') === String(offset);
        } catch {
          return false;
        }
      };
      await until(isSeen, 'the program to see the new time');
    },
    now: () => Date.now() + offset,
  };
}
