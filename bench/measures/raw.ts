import { countAtReceiver } from '../counting.ts';
import type { Measure } from '../measure.ts';
import { startChild } from '../processes/child.ts';
import type { Done, RawJob } from '../processes/jobs.ts';
import { usageOf } from '../usage.ts';

const COUNT = 60_000;

/** The raw limit: signed POSTs by the product's own send module alone, the best of 16, 64 and 256 connections. */
export const raw: Measure = {
  name: 'raw',
  async run({ receiver, receiverUrl, sample }) {
    const child = startChild('raw.ts');
    const rates: number[] = [];
    const before = usageOf(child.pid)?.cpuSeconds ?? Number.NaN;
    for (const connections of [16, 64, 256]) {
      const counted = await countAtReceiver(receiver, [COUNT]);
      const done = child.next<Done>('endedAt');
      const job: RawJob = { url: receiverUrl, body: sample.envelope, count: COUNT, connections };
      child.send(job);
      const { startedAt, endedAt } = await done;
      await counted(0);
      rates.push((COUNT * 1000) / (endedAt - startedAt));
    }
    const after = usageOf(child.pid)?.cpuSeconds ?? Number.NaN;
    child.stop();
    return { 'raw.rate': Math.max(...rates), 'raw.sender µs': ((after - before) / (COUNT * rates.length)) * 1e6 };
  },
};
