/** So much is done before the event loop goes round again. */
const AT_ONCE = 8;

let waiting: (() => void)[] = [];

/**
 * Does work soon, a little of it in each turn of the event loop: what else the process does goes on meanwhile. (500 deliveries that time out in
 * the same millisecond held every publish for 100 to 200 ms.)
 */
export function inTurns(work: () => void): void {
  if (waiting.push(work) === 1) setImmediate(doSome);
}

function doSome(): void {
  const some = waiting.slice(0, AT_ONCE);
  waiting = waiting.slice(AT_ONCE);
  if (waiting.length > 0) setImmediate(doSome);
  for (const work of some) work();
}
