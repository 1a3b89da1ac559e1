/** The raw limit in a process of its own: the product's own send module alone, signed bodies of 2 KB. */
import { systemClock } from '../server/clock.ts';
import { standard } from '../server/delivery/dialect/standard.ts';
import { createSender } from '../server/delivery/send.ts';
import type { Job, Outcome } from './jobs.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const sender = createSender({ clock: systemClock, isAddressAllowed: () => true });

process.on('message', async (job: Extract<Job, { kind: 'raw' }>) => {
  let started = 0;
  const beginning = performance.now();
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
            eventType: 'bench',
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
  const outcome: Outcome = { seconds: (performance.now() - beginning) / 1000 };
  process.send?.(outcome);
});
process.on('disconnect', () => process.exit());
