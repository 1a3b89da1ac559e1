import { latencies } from '../latency.ts';
import type { Measure } from '../measure.ts';
import { batchPublishes, publishOnly } from '../publishing.ts';
import { percentile } from '../statistics.ts';

/** More than a replay gets through while it is measured. */
const PAST_EVENTS = 30_000;
const PROJECT = 'prj_0';
/** Publishes a second. */
const RATE = 100;
const SECONDS = 12;

interface Replay {
  id: string;
  state: string;
  deliveries: { delivered: number };
}

/** Latency of live events of an endpoint alone, then while all that was published before the endpoint existed is replayed to it. */
export const replay: Measure = {
  name: 'replay',
  run: (bench) =>
    bench.withServer(async (server) => {
      const since = new Date().toISOString();
      await publishOnly(bench, server, batchPublishes(bench.sample, [PROJECT], PAST_EVENTS));
      const endpoint = await server.addEndpoint(bench.sample.type, `${bench.pairUrl}/`, PROJECT);
      const live = (warmUpSeconds: number): Promise<number[]> =>
        latencies(bench, server, { projects: [PROJECT], rate: RATE, warmUpSeconds, seconds: SECONDS });
      const without = await live(3);

      const replays = `webhook-endpoints/${endpoint}/replays`;
      const { id } = await server.ask<Replay>(replays, { since });
      const beside = await live(1);
      const { state, deliveries } = await server.ask<Replay>(`${replays}/${id}`);
      if (state !== 'running')
        throw new Error(`the replay is ${state}: it did not last as long as what it was measured with`);
      return {
        'replay.rate': deliveries.delivered / (1 + SECONDS),
        'replay.p50 without ms': percentile(without, 50),
        'replay.p99 without ms': percentile(without, 99),
        'replay.p50 ms': percentile(beside, 50),
        'replay.p99 ms': percentile(beside, 99),
      };
    }),
};
