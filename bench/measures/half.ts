import { latencies } from '../latency.ts';
import type { Measure } from '../measure.ts';
import { projectsOf } from '../sample.ts';
import { percentile } from '../statistics.ts';

const ENDPOINTS = 16;

/** Latency at half of the rate that single publishes reached in the same run, whatever is answered when. */
export const half: Measure = {
  name: 'half',
  needs: ['single'],
  run: (bench, found) =>
    bench.withServer(async (server) => {
      const projects = projectsOf(ENDPOINTS);
      for (const project of projects)
        await server.addEndpoint(bench.sample.type, `${bench.pairUrl}/${project}`, project);
      const rate = (found['single.rate'] ?? Number.NaN) / 2;
      const times = await latencies(bench, server, { projects, rate, warmUpSeconds: 4, seconds: 10 });
      return { 'half.rate': rate, 'half.p50 ms': percentile(times, 50), 'half.p99 ms': percentile(times, 99) };
    }),
};
