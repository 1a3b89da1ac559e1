import type { Measure } from '../measure.ts';
import type { PacedJob, Timed } from '../processes/jobs.ts';
import { percentile } from '../statistics.ts';

const ENDPOINTS = 16;

/** Latency at half of the rate that single publishes reached in the same run, whatever is answered when. */
export const half: Measure = {
  name: 'half',
  needs: ['single'],
  run: ({ pair, pairUrl, sample, withServer }, found) =>
    withServer(async (server) => {
      const projects = Array.from({ length: ENDPOINTS }, (_, index) => `prj_${index}`);
      for (const project of projects) await server.addEndpoint(sample.type, `${pairUrl}/${project}`, project);
      const rate = (found['single.rate'] ?? Number.NaN) / 2;
      const timed = pair.next<Timed>('times');
      const job: PacedJob = {
        kind: 'paced',
        url: server.url,
        token: server.token,
        bodies: projects.map(sample.bodyFor),
        rate,
        warmUpSeconds: 4,
        seconds: 10,
      };
      pair.send(job);
      const { times } = await timed;
      return { 'half.rate': rate, 'half.p50 ms': percentile(times, 50), 'half.p99 ms': percentile(times, 99) };
    }),
};
