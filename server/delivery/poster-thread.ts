/** A thread that signs and posts: `threaded-poster.ts` hands it postings and takes the results, as many as there are at a time. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import { readEgressSettings } from '../egress/egress-settings.ts';
import { createSender } from '../egress/send.ts';
import { dialects } from './dialect/dialects.ts';
import { createPoster } from './poster.ts';
import type { Numbered, Posted, PosterSource, Postings } from './threaded-poster.ts';

// On the main thread it is only compiled.
if (parentPort !== null) servePostings(parentPort, workerData as PosterSource);

function servePostings(port: MessagePort, { egress, userAgent }: PosterSource): void {
  const sender = createSender(systemClock, readEgressSettings(egress.env, egress.allowLoopback, []));
  const poster = createPoster({ sender, dialects, userAgent });
  let posted: Posted[] = [];
  const answer = (): void => {
    port.postMessage(JSON.stringify(posted));
    posted = [];
  };
  port.on('message', ({ text, bodies }: Postings) => {
    let at = 0;
    for (const [number, size, posting] of JSON.parse(text) as Numbered[]) {
      const body = Buffer.from(bodies, at, size);
      at += size;
      void poster.post(posting, body).then((result) => {
        if (posted.push([number, result]) === 1) setImmediate(answer);
      });
    }
  });
}
