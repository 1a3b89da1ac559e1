import type { Child } from './processes/child.ts';
import type { Counted } from './processes/jobs.ts';

/** Beyond this something is lost, not slow. */
const PATIENCE_MS = 180_000;

/**
 * Makes the receiver count from now on. The result, when called, resolves to when each mark was reached, in milliseconds of the
 * monotonic clock; @throws when the last one is not within `ms`.
 */
export async function countAtReceiver(
  receiver: Child,
  marks: number[],
  ms = PATIENCE_MS,
): Promise<() => Promise<number[]>> {
  const ready = receiver.next('ready');
  receiver.send({ marks });
  await ready;
  const counted = receiver.next<Counted>('reachedAt', ms).then(({ reachedAt }) => reachedAt);
  // Whoever stops waiting, because something else failed, has that failure to report.
  counted.catch(() => undefined);
  return () => counted;
}
