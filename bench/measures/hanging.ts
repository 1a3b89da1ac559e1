import { latencies } from '../latency.ts';
import type { Measure } from '../measure.ts';
import { projectsOf } from '../sample.ts';
import { percentile } from '../statistics.ts';

const GOOD_ENDPOINTS = 16;
const HANGING_ENDPOINTS = 50;
const ASIDE_PROJECT = 'prj_aside';
/** Publishes a second to the good endpoints. */
const RATE = 300;

/**
 * p99 of 16 good endpoints while 50 others hang, against the same load while those 50 answer at once. The 50 get 20
 * events at the beginning, which is twice what may be in flight to each, then two a second; they answer nothing until
 * the end, so that their time-outs (10 s after the beginning) fall into the measured time too.
 */
export const hanging: Measure = {
  name: 'hanging',
  run: (bench) =>
    bench.withServer(async (server) => {
      const projects = projectsOf(GOOD_ENDPOINTS);
      for (const project of projects)
        await server.addEndpoint(bench.sample.type, `${bench.pairUrl}/${project}`, project);
      for (let index = 0; index < HANGING_ENDPOINTS; index += 1)
        await server.addEndpoint(bench.sample.type, `${bench.pairUrl}/aside/${index}`, ASIDE_PROJECT);
      const p99 = async (hang: boolean): Promise<number> => {
        const aside = { body: bench.sample.bodyFor(ASIDE_PROJECT), burst: 20, everyMs: 500, hang };
        const pace = { projects, rate: RATE, warmUpSeconds: 3, seconds: 12, aside };
        return percentile(await latencies(bench, server, pace), 99);
      };
      const without = await p99(false);
      const beside = await p99(true);
      return { 'hanging.p99 without ms': without, 'hanging.p99 ms': beside, 'hanging.ratio': beside / without };
    }),
};
