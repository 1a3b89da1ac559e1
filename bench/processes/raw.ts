/** The raw limit in a process of its own: the product's own send module alone, signed bodies of 2 KB. */
import { systemClock } from '../../server/clock.ts';
import { standard } from '../../server/delivery/dialect/standard.ts';
import { closedEgress } from '../../server/egress/egress-settings.ts';
import { createSender } from '../../server/egress/send.ts';
import { monotonicMs } from '../wire/monotonic.ts';
import type { Done, RawJob } from './jobs.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const sender = createSender(systemClock, closedEgress(true));

process.on('message', async (job: RawJob) => {
  let started = 0;
  const startedAt = monotonicMs();
  const post = async (): Promise<void> => {
    while (started < job.count) {
      started += 1;
      const result = await sender.send({
        url: job.url,
        timeoutMs: 10_000,
        body: job.body,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Hookloom/bench',
          ...standard.headers({
            eventId: `evt_${started}`,
            eventName: 'bench',
            signature: null,
            timestamp: Math.floor(Date.now() / 1000),
            body: job.body,
            secrets: [SECRET],
          }),
        },
      });
      if (result.status !== 204) throw new Error(`the receiver answered ${result.status ?? result.error}`);
    }
  };
  await Promise.all(Array.from({ length: job.connections }, post));
  process.send?.({ startedAt, endedAt: monotonicMs() } satisfies Done);
});
process.on('disconnect', () => process.exit());
