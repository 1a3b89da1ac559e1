/** Deliveries that wait in memory, of all lanes together; with bodies of 2.5 KB that is 2.5 MB. */
const MOST_IN_MEMORY = 1024;
const LEAST = 2;
const LARGEST = 128;

/** So many deliveries may wait in memory for each of a worker's lanes: many for a few lanes, few for many. */
export function laneShare(lanes: number): number {
  return Math.min(Math.max(Math.floor(MOST_IN_MEMORY / Math.max(lanes, 1)), LEAST), LARGEST);
}
