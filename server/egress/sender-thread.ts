/** A thread that posts: `threaded-sender.ts` hands it requests and takes the replies, as many as there are at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import { type EgressSource, readEgressSettings } from './egress-settings.ts';
import { createSender } from './send.ts';
import type { Requests, Settled } from './threaded-sender.ts';

const port = parentPort;
if (port === null) throw new Error('sender-thread.ts is for worker threads');
const { env, allowLoopback } = workerData as EgressSource;
const sender = createSender(systemClock, readEgressSettings(env, allowLoopback, []));
let settled: Settled[] = [];

function answer(): void {
  port?.postMessage(JSON.stringify(settled));
  settled = [];
}

port.on('message', ({ text, bodies }: Requests) => {
  const bytes = Buffer.from(bodies);
  let at = 0;
  for (const [number, size, request] of JSON.parse(text) as [number, number, object][]) {
    const body = bytes.subarray(at, at + size);
    at += size;
    void sender.send({ ...(request as Parameters<typeof sender.send>[0]), body }).then((result) => {
      if (settled.push([number, result]) === 1) setImmediate(answer);
    });
  }
});
