/** The receiver in a process of its own: counts what arrives and tells its parent when the marks were reached. */
import { monotonicMs } from '../wire/monotonic.ts';
import { receive } from '../wire/receive.ts';
import type { Counted, CountJob } from './jobs.ts';

let count = 0;
let marks: number[] = [];
let reached = 0;

const { url } = await receive((_, answer) => {
  answer();
  count += 1;
  if (count !== marks[reached]) return;
  process.send?.({ mark: reached, reachedAt: monotonicMs() } satisfies Counted);
  reached += 1;
});
process.on('message', (job: CountJob) => {
  count = 0;
  marks = job.marks;
  reached = 0;
  process.send?.({ ready: true });
});
process.on('disconnect', () => process.exit());
process.send?.({ url });
