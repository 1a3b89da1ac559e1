/** So many are done at a time, when not many wait. */
const AT_ONCE = 8;
/** The time between two times, in milliseconds. */
const EVERY_MS = 8;
/** When many wait, so many more are done at a time that it takes no more times than this, 0.4 s. */
const MOST_TIMES = 50;

let waiting: (() => void)[] = [];
let atOnce = AT_ONCE;

/**
 * Does work soon, a little of it at a time: what else the machine does goes on meanwhile. (500 deliveries that time out in the same millisecond
 * fill two cores for 0.2 s, with sockets to be closed and results to be written down; every publish waited for them.)
 */
export function inTurns(work: () => void): void {
  if (waiting.push(work) === 1) setImmediate(doSome);
}

function doSome(): void {
  atOnce = Math.max(atOnce, Math.ceil(waiting.length / MOST_TIMES));
  const some = waiting.slice(0, atOnce);
  waiting = waiting.slice(atOnce);
  if (waiting.length > 0) setTimeout(doSome, EVERY_MS);
  else atOnce = AT_ONCE;
  for (const work of some) work();
}
