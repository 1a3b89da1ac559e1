/** The load in a process of its own: publishes over keep-alive connections, as many at once as there are connections. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import type { Job, Outcome } from './jobs.ts';

type PublishJob = Extract<Job, { kind: 'publish' }>;
type LatencyJob = Extract<Job, { kind: 'latency' }>;

/** A receiver in this process, so that latency is measured by one clock. */
let onReceipt: () => void = () => undefined;
const receiver = createServer((request, response) => {
  onReceipt();
  request.resume();
  request.on('end', () => response.writeHead(204).end());
});
receiver.keepAliveTimeout = 60_000;
receiver.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}` });
});

process.on('message', async (job: PublishJob | LatencyJob) => {
  const outcome = job.kind === 'publish' ? await publish(job) : await measureLatency(job);
  process.send?.(outcome);
});
process.on('disconnect', () => process.exit());

async function publish(job: PublishJob): Promise<Outcome> {
  const pool = new Pool(job.url, { connections: job.connections, pipelining: 1 });
  const beginning = performance.now();
  let started = 0;
  await Promise.all(
    Array.from({ length: job.connections }, async () => {
      while (started < job.count) {
        const body = job.bodies[started % job.bodies.length] ?? '';
        started += 1;
        await post(pool, job.token, body);
      }
    }),
  );
  const seconds = (performance.now() - beginning) / 1000;
  await pool.destroy();
  return { seconds };
}

async function measureLatency(job: LatencyJob): Promise<Outcome> {
  const pool = new Pool(job.url, { connections: 1, pipelining: 1 });
  const times: number[] = [];
  const beginning = performance.now();
  for (let index = 0; index < job.count; index += 1) {
    const receipt = new Promise<void>((resolve) => {
      onReceipt = resolve;
    });
    const sent = performance.now();
    await Promise.all([
      post(pool, job.token, job.bodies[index % job.bodies.length] ?? ''),
      receipt.then(() => times.push(performance.now() - sent)),
    ]);
    await new Promise((resolve) => setTimeout(resolve, job.gapMs));
  }
  await pool.destroy();
  return { seconds: (performance.now() - beginning) / 1000, times };
}

/** One publish; resolves when it is answered with 202. */
function post(pool: Pool, token: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = 0;
    pool.dispatch(
      {
        path: '/v1/webhook-events',
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
      },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_, code) => {
          status = code;
        },
        onResponseData: () => undefined,
        onResponseEnd: () => (status === 202 ? resolve() : reject(new Error(`publish was answered with ${status}`))),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}
