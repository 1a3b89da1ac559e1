import type { Measure } from '../measure.ts';
import type { IdleJob, Timed } from '../processes/jobs.ts';
import { percentile } from '../statistics.ts';

const COUNT = 1200;
/** Not counted: the program compiles itself on the way. */
const WARM_UP = 200;

/** Idle latency: one publish at a time, from its sending to its request at the receiver. */
export const idle: Measure = {
  name: 'idle',
  run: ({ pair, pairUrl, sample, withServer }) =>
    withServer(async (server) => {
      await server.addEndpoint(sample.type, `${pairUrl}/`);
      const timed = pair.next<Timed>('times');
      const job: IdleJob = {
        kind: 'idle',
        url: server.url,
        token: server.token,
        bodies: [sample.bodyFor('prj_0')],
        count: WARM_UP + COUNT,
        gapMs: [5, 20],
      };
      pair.send(job);
      const times = (await timed).times.slice(WARM_UP);
      return { 'idle.p50 ms': percentile(times, 50), 'idle.p99 ms': percentile(times, 99) };
    }),
};
