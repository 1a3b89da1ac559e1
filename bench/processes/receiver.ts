/** The receiver in a process of its own: counts what arrives and tells its parent when the marks were reached. */
import { monotonicMs } from '../wire/monotonic.ts';
import { receive } from '../wire/receive.ts';
import type { Counted, CountJob } from './jobs.ts';

let count = 0;
let marks: number[] = [];
let reachedAt: number[] = [];

const url = await receive((_, answer) => {
  answer();
  count += 1;
  if (count !== marks[reachedAt.length]) return;
  reachedAt.push(monotonicMs());
  if (reachedAt.length === marks.length) process.send?.({ reachedAt } satisfies Counted);
});
process.on('message', (job: CountJob) => {
  count = 0;
  marks = job.marks;
  reachedAt = [];
  process.send?.({ ready: true });
});
process.on('disconnect', () => process.exit());
process.send?.({ url });
