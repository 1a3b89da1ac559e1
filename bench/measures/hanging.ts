import type { Bench, Measure } from '../measure.ts';
import type { PacedJob, Timed } from '../processes/jobs.ts';
import type { Server } from '../server.ts';
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
      for (let index = 0; index < GOOD_ENDPOINTS; index += 1)
        await server.addEndpoint(bench.sample.type, `${bench.pairUrl}/good/${index}`, `prj_${index}`);
      for (let index = 0; index < HANGING_ENDPOINTS; index += 1)
        await server.addEndpoint(bench.sample.type, `${bench.pairUrl}/aside/${index}`, ASIDE_PROJECT);
      const without = percentile(await latencies(bench, server, false), 99);
      const beside = percentile(await latencies(bench, server, true), 99);
      return { 'hanging.p99 without ms': without, 'hanging.p99 ms': beside, 'hanging.ratio': beside / without };
    }),
};

async function latencies({ pair, sample }: Bench, server: Server, hang: boolean): Promise<number[]> {
  const timed = pair.next<Timed>('times');
  const job: PacedJob = {
    kind: 'paced',
    url: server.url,
    token: server.token,
    bodies: Array.from({ length: GOOD_ENDPOINTS }, (_, index) => sample.bodyFor(`prj_${index}`)),
    rate: RATE,
    warmUpSeconds: 3,
    seconds: 12,
    aside: { body: sample.bodyFor(ASIDE_PROJECT), burst: 20, everyMs: 500, hang },
  };
  pair.send(job);
  return (await timed).times;
}
