import type { Bench, Probe } from './measure.ts';
import { startChild } from './processes/child.ts';
import { pickSample } from './sample.ts';
import { startServer } from './server.ts';
import type { BenchStore } from './store.ts';

/** A bench whose processes run, and how to end them. */
export interface RunningBench extends Bench {
  stop(): void;
}

const NO_PROBE: Probe = { begin: () => undefined, end: () => undefined };

/** Starts receiver, load and pair; the measured server gets `flags` for node. */
export async function startBench(
  store: BenchStore,
  flags: readonly string[] = [],
  probe: Probe = NO_PROBE,
): Promise<RunningBench> {
  const receiver = startChild('receiver.ts');
  const { url: receiverUrl } = await receiver.next<{ url: string }>('url');
  const pair = startChild('pair.ts');
  const { url: pairUrl } = await pair.next<{ url: string }>('url');
  const load = startChild('load.ts');
  return {
    store,
    sample: pickSample(),
    receiver,
    receiverUrl,
    load,
    pair,
    pairUrl,
    probe,
    async withServer(measure, prepare) {
      const database = await store.create();
      try {
        await prepare?.(database.url);
        const server = await startServer(database.url, flags);
        try {
          return await Promise.race([measure(server), server.failed]);
        } finally {
          await server.stop();
        }
      } finally {
        await database.remove();
      }
    },
    stop() {
      for (const child of [receiver, pair, load]) child.stop();
    },
  };
}
