import type { Child } from './processes/child.ts';
import type { Counted } from './processes/jobs.ts';

/** Beyond this something is lost, not slow. */
const PATIENCE_MS = 180_000;

/**
 * Makes the receiver count from now on. The result, given the number of a mark, resolves to when it was reached, in milliseconds
 * of the monotonic clock. @throws when the last mark is not reached within `ms`.
 */
export async function countAtReceiver(
  receiver: Child,
  marks: number[],
  ms = PATIENCE_MS,
): Promise<(mark: number) => Promise<number>> {
  const ready = receiver.next('ready');
  receiver.send({ marks });
  await ready;
  const reached = marks.map(() => Promise.withResolvers<number>());
  const stop = receiver.listen<Counted>('reachedAt', ({ mark, reachedAt }) => {
    reached[mark]?.resolve(reachedAt);
    if (mark === marks.length - 1) end();
  });
  const fail = (error: Error): void => {
    end();
    for (const one of reached) one.reject(error);
  };
  const timer = setTimeout(() => fail(new Error(`the receiver did not count up to ${marks} within ${ms} ms`)), ms);
  receiver.failed.catch(fail);
  const end = (): void => {
    clearTimeout(timer);
    stop();
  };
  // Whoever stops waiting, because something else failed, has that failure to report.
  for (const one of reached) one.promise.catch(() => undefined);
  return (mark) => reached[mark]?.promise ?? Promise.reject(new Error(`there is no mark ${mark}`));
}
