import { countAtReceiver } from '../counting.ts';
import type { Bench, Measure, Values } from '../measure.ts';
import { seedPending } from '../seed.ts';
import { median } from '../statistics.ts';
import { usageOf, watchMemory } from '../usage.ts';

/** Delivered before anything is timed: the program compiles itself on the way. */
const WARM_UP = 50_000;
const FEW = 10_000;
const MANY = 1_000_000;
/** Timed with many pending: from 1,000,000 down to 900,000. */
const WINDOW = 100_000;
/** With few pending, what is left when the timing ends: the last ones of each lane do not keep all of them busy. */
const LEFT = 2000;
const ENDPOINTS = 100;
const ENDPOINTS_PER_EVENT = 10;
const LONGEST_DRAIN_MS = 45 * 60_000;

/**
 * Draining 1,000,000 pending deliveries of 100 endpoints, ten an event, against 10,000. Both start from a stopped server's
 * database in which they are due, and are timed once the first 50,000 are delivered: the many from 1,000,000 down to
 * 900,000, the few from 18,000 down to 2,000, which are 10,000 on average; the few three times, before and after.
 */
export const backlog: Measure = {
  name: 'backlog',
  once: true,
  async run(bench) {
    const few = [await drainFew(bench), await drainFew(bench)];
    const many = await drainMany(bench);
    few.push(await drainFew(bench));
    const fewRate = median(few.map(({ rate }) => rate));
    return {
      ...many,
      'backlog.rate with 10,000': fewRate,
      'backlog.ready with 10,000 s': median(few.map(({ ready }) => ready)),
      'backlog.ratio': (many['backlog.rate'] ?? Number.NaN) / fewRate,
    };
  },
};

async function drainFew(bench: Bench): Promise<{ rate: number; ready: number }> {
  const pending = FEW + (FEW - LEFT);
  const counted = await countAtReceiver(bench.receiver, [WARM_UP, WARM_UP + pending - LEFT, WARM_UP + pending]);
  return bench.withServer(
    async ({ readyMs }) => {
      const [from, to] = [await counted(0), await counted(1)];
      return { rate: ((pending - LEFT) * 1000) / (to - from), ready: readyMs / 1000 };
    },
    (url) => seed(bench, url, WARM_UP + pending),
  );
}

async function drainMany(bench: Bench): Promise<Values> {
  const all = WARM_UP + MANY;
  const counted = await countAtReceiver(bench.receiver, [WARM_UP, WARM_UP + WINDOW, all], LONGEST_DRAIN_MS);
  return bench.withServer(
    async ({ pid, readyMs }) => {
      const highestMb = watchMemory(pid);
      const from = await counted(0);
      bench.probe.begin(pid);
      const to = await counted(1);
      bench.probe.end(pid, WINDOW);
      const end = await counted(2);
      const { cpuSeconds, peakMb } = usageOf(pid) ?? { cpuSeconds: Number.NaN, peakMb: Number.NaN };
      const values: Values = {
        'backlog.rate': (WINDOW * 1000) / (to - from),
        'backlog.rate of the whole drain': (MANY * 1000) / (end - from),
        'backlog.ready s': readyMs / 1000,
        // The system's own high-water mark, from the start of the process on; sampled beside it.
        'backlog.peak MB': peakMb,
        'backlog.highest sampled MB': highestMb(),
        'backlog.server µs': (cpuSeconds / all) * 1e6,
      };
      return values;
    },
    (url) => seed(bench, url, all),
  );
}

function seed({ receiverUrl, sample }: Bench, databaseUrl: string, deliveries: number): Promise<void> {
  // As if 1,000 events a second had come until now.
  const spanMs = deliveries / ENDPOINTS_PER_EVENT;
  const part = () => ({
    name: 'backlog',
    url: receiverUrl,
    endpoints: ENDPOINTS,
    deliveriesPerEndpoint: deliveries / ENDPOINTS,
    endpointsPerEvent: ENDPOINTS_PER_EVENT,
    dueAt: Date.now() - spanMs,
    spanMs,
  });
  return seedPending(databaseUrl, sample, [part]);
}
