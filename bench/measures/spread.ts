import { countAtReceiver } from '../counting.ts';
import type { Bench, Measure } from '../measure.ts';
import { seedPending } from '../seed.ts';
import { monotonicMs } from '../wire/monotonic.ts';

const DELIVERIES = 10_000;
const WARM_UP = 30_000;
/** Time for the seed, the start and the warm-up, until what is timed falls due; doubled when it did not suffice. */
const LEAD_MS = 20_000;
const LONGEST_LEAD_MS = 160_000;

/**
 * 10,000 endpoints with one delivery each, against one endpoint with 10,000; an event each. They lie in a stopped
 * server's database and fall due at one moment when the server, started meanwhile, has delivered 30,000 others. Timed from
 * their first receipt to their last, the leasing of the lanes included.
 */
export const spread: Measure = {
  name: 'spread',
  async run(bench) {
    const one = await drain(bench, 1, LEAD_MS);
    const each = await drain(bench, DELIVERIES, LEAD_MS);
    return { 'spread.rate of one': one, 'spread.rate of 10,000': each, 'spread.ratio': each / one };
  },
};

async function drain(bench: Bench, endpoints: number, leadMs: number): Promise<number> {
  const { receiver, receiverUrl, sample, withServer, probe } = bench;
  const counted = await countAtReceiver(receiver, [WARM_UP, WARM_UP + 1, WARM_UP + DELIVERIES], 2 * LONGEST_LEAD_MS);
  let dueAt = 0;
  const warmUp = () => ({
    name: 'warm',
    url: receiverUrl,
    endpoints: 20,
    deliveriesPerEndpoint: WARM_UP / 20,
    endpointsPerEvent: 10,
    dueAt: Date.now(),
    spanMs: 0,
  });
  const timed = () => {
    dueAt = Date.now() + leadMs;
    return {
      name: 'timed',
      url: receiverUrl,
      endpoints,
      deliveriesPerEndpoint: DELIVERIES / endpoints,
      endpointsPerEvent: 1,
      dueAt,
      spanMs: 0,
    };
  };
  const { warmAt, rate } = await withServer(
    async ({ pid }) => {
      const [warm, first] = [await counted(0), await counted(1)];
      probe.begin(pid);
      const last = await counted(2);
      probe.end(pid, DELIVERIES);
      return { warmAt: warm - monotonicMs() + Date.now(), rate: ((DELIVERIES - 1) * 1000) / (last - first) };
    },
    (url) => seedPending(url, sample, [warmUp, timed]),
  );
  if (warmAt < dueAt) return rate;
  if (leadMs >= LONGEST_LEAD_MS) throw new Error('the warm-up did not end before what is timed fell due');
  return drain(bench, endpoints, 2 * leadMs);
}
