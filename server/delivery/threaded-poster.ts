import { Worker } from 'node:worker_threads';
import type { EgressSource } from '../egress/egress-settings.ts';
import type { SendResult } from '../egress/send-result.ts';
import { type Poster, type Posting, unsent } from './poster.ts';

/** What the thread is started with. */
export interface PosterSource {
  egress: EgressSource;
  userAgent: string;
}

/** What the thread is handed: postings as JSON, each with its number and the size of its body, and their bodies one after the other. */
export interface Postings {
  text: string;
  bodies: ArrayBuffer;
}

/** A posting with its number and the size of its body, in bytes. */
export type Numbered = [number: number, size: number, posting: Posting];

/** What comes back: a posting's number, and what it came to. */
export type Posted = [number: number, result: SendResult];

/** A poster on a thread of its own. What is posted in the same turn of the event loop travels in one message, and its replies do. */
export function createThreadedPoster(source: PosterSource): Poster {
  const thread = new Worker(new URL('./poster-thread.ts', import.meta.url), {
    workerData: source,
    // 4 MB of young objects, of which V8 counts three: about what 512 postings under way take. With 2 MB most of them were alive at a collection.
    resourceLimits: { maxYoungGenerationSizeMb: 12 },
  });
  const waiting = new Map<number, (result: SendResult) => void>();
  let last = 0;
  let postings: Numbered[] = [];
  let bodies: Buffer[] = [];

  thread.on('message', (text: string) => {
    for (const [number, result] of JSON.parse(text) as Posted[]) {
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
    const message: Postings = { text: JSON.stringify(postings), bodies: joined.buffer as ArrayBuffer };
    thread.postMessage(message, [message.bodies]);
    postings = [];
    bodies = [];
  }

  return {
    post: (posting, body) =>
      new Promise((resolve) => {
        last += 1;
        waiting.set(last, resolve);
        const bytes = typeof body === 'string' ? Buffer.from(body) : body;
        bodies.push(bytes);
        if (postings.push([last, bytes.length, posting]) === 1) process.nextTick(flush);
      }),
    async close() {
      await thread.terminate();
      for (const resolve of waiting.values()) resolve(unsent('the server stopped before the reply came'));
      waiting.clear();
    },
  };
}
