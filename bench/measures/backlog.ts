import { countAtReceiver } from '../counting.ts';
import type { Bench, Measure, Values } from '../measure.ts';
import { seedPending } from '../seed.ts';
import { median } from '../statistics.ts';
import { usageOf, watchMemory } from '../usage.ts';

/** Delivered before anything is timed: the program compiles itself on the way. */
const WARM_UP = 50_000;
const MANY = 1_000_000;
/** So many deliveries are timed at a time, with few pending and with many: a stall of the disk weighs the same in both. */
const WINDOW = 16_000;
const WINDOWS_OF_MANY = 6;
/** With few pending, what is left when the timing ends: the last ones of each lane do not keep all of them busy. */
const LEFT = 2000;
const ENDPOINTS = 100;
const ENDPOINTS_PER_EVENT = 10;
const LONGEST_DRAIN_MS = 45 * 60_000;

/**
 * Draining 1,000,000 pending deliveries of 100 endpoints, ten an event, against 10,000. Both start from a stopped server's
 * database in which they are due, and are timed once the first 50,000 are delivered: the many from 1,000,000 on, six times
 * 16,000; the few from 18,000 down to 2,000, which are 10,000 on average, twice before and twice after. Medians of each.
 */
export const backlog: Measure = {
  name: 'backlog',
  once: true,
  async run(bench) {
    const few = [await drainFew(bench), await drainFew(bench)];
    const many = await drainMany(bench);
    few.push(await drainFew(bench), await drainFew(bench));
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
  const all = WARM_UP + WINDOW + LEFT;
  const counted = await countAtReceiver(bench.receiver, [WARM_UP, WARM_UP + WINDOW, all]);
  return bench.withServer(
    async ({ readyMs }) => {
      const [from, to] = [await counted(0), await counted(1)];
      return { rate: (WINDOW * 1000) / (to - from), ready: readyMs / 1000 };
    },
    (url) => seed(bench, url, all),
  );
}

async function drainMany(bench: Bench): Promise<Values> {
  const all = WARM_UP + MANY;
  const marks = Array.from({ length: WINDOWS_OF_MANY + 1 }, (_, windows) => WARM_UP + windows * WINDOW);
  const counted = await countAtReceiver(bench.receiver, [...marks, all], LONGEST_DRAIN_MS);
  return bench.withServer(
    async ({ pid, readyMs }) => {
      const highestMb = watchMemory(pid);
      const reached = [await counted(0)];
      bench.probe.begin(pid);
      for (let window = 1; window <= WINDOWS_OF_MANY; window += 1) reached.push(await counted(window));
      bench.probe.end(pid, WINDOWS_OF_MANY * WINDOW);
      const end = await counted(marks.length);
      const [from = Number.NaN, ...ends] = reached;
      const { cpuSeconds, peakMb } = usageOf(pid) ?? { cpuSeconds: Number.NaN, peakMb: Number.NaN };
      const values: Values = {
        'backlog.rate': median(ends.map((at, window) => (WINDOW * 1000) / (at - (reached[window] ?? Number.NaN)))),
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
