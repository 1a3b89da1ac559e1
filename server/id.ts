import { randomFillSync } from 'node:crypto';
import { encodeTime, monotonicFactory } from 'ulid';

const PREFIXES = ['evt', 'dlv', 'ep', 'tok', 'tem', 'req', 'wrk', 'rpl', 'aud'] as const;
export type IdPrefix = (typeof PREFIXES)[number];

const pool = new Uint32Array(1024);
let next = pool.length;

/** Random numbers from a pool: asking the system for each of a ULID's 16 characters took 10 µs an id. */
function random(): number {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  return (pool[next++] ?? 0) / 2 ** 32;
}

const ulid = monotonicFactory(random);

/** A new id, `<prefix>_<ULID>`. Ids made by one process sort in the order in which they were made. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${ulid()}`;
}

/** The id that sorts before all those made at `time` (epoch milliseconds) or later, and after those made before. */
export function earliestId(prefix: IdPrefix, time: number): string {
  return `${prefix}_${encodeTime(Math.max(time, 0))}`;
}

/** The delivery's id that sorts before all those made at `time` (epoch milliseconds) or later. */
export function earliestDeliveryId(time: number): string {
  return earliestId('dlv', time);
}
