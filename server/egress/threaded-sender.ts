import { Worker } from 'node:worker_threads';
import type { EgressSource } from './egress-settings.ts';
import type { Sender, SendRequest } from './send.ts';
import type { SendResult } from './send-result.ts';

/** What the thread is handed: requests as JSON, each with its number and the size of its body, and their bodies one after the other. */
export interface Requests {
  text: string;
  bodies: ArrayBuffer;
}

/** What comes back: a request's number, and what it came to. */
export type Settled = [number: number, result: SendResult];

/** A sender on a thread of its own. What is sent in the same turn of the event loop travels in one message, and its replies do. */
export function createThreadedSender(source: EgressSource): Sender {
  const thread = new Worker(new URL('./sender-thread.ts', import.meta.url), {
    workerData: source,
  });
  const waiting = new Map<number, (result: SendResult) => void>();
  let last = 0;
  let requests: [number, number, Omit<SendRequest, 'body'>][] = [];
  let bodies: Buffer[] = [];

  thread.on('message', (text: string) => {
    for (const [number, result] of JSON.parse(text) as Settled[]) {
      waiting.get(number)?.(result);
      waiting.delete(number);
    }
  });
  // A fault of ours, which ends the process as it would on the main thread; what was under way is sent again after its lease.
  thread.on('error', (error) => {
    throw error;
  });

  function flush(): void {
    const joined = Buffer.allocUnsafeSlow(bodies.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const body of bodies) at += body.copy(joined, at);
    const message: Requests = { text: JSON.stringify(requests), bodies: joined.buffer as ArrayBuffer };
    thread.postMessage(message, [message.bodies]);
    requests = [];
    bodies = [];
  }

  return {
    send: ({ body, ...request }) =>
      new Promise((resolve) => {
        last += 1;
        waiting.set(last, resolve);
        const bytes = typeof body === 'string' ? Buffer.from(body) : body;
        bodies.push(bytes);
        if (requests.push([last, bytes.length, request]) === 1) process.nextTick(flush);
      }),
    async close() {
      await thread.terminate();
      for (const resolve of waiting.values()) resolve(CLOSED);
      waiting.clear();
    },
  };
}

const CLOSED: SendResult = {
  status: null,
  error: 'the server stopped before the reply came',
  timedOut: false,
  durationMs: 0,
  replyHeaders: null,
  replyBody: null,
};
