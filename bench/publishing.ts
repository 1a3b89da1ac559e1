import { countAtReceiver } from './counting.ts';
import type { Bench, Values } from './measure.ts';
import type { Done, PublishJob } from './processes/jobs.ts';
import type { Sample } from './sample.ts';
import type { Server } from './server.ts';
import { familyCpuSeconds, usageOf } from './usage.ts';

/** What is published. */
export interface Publishing {
  path: string;
  /** Request bodies, taken in turn. */
  bodies: string[];
  /** Requests. */
  count: number;
  connections: number;
  eventsPerRequest: number;
  deliveriesPerEvent: number;
}

const EVENTS = '/v1/webhook-events';
export const BATCH = '/v1/webhook-events/batch';
const EVENTS_A_BATCH = 100;

/** Single publishes over 128 connections. */
export function singlePublishes(bodies: string[], count: number, deliveriesPerEvent: number): Publishing {
  return { path: EVENTS, bodies, count, connections: 128, eventsPerRequest: 1, deliveriesPerEvent };
}

/**
 * Batches of 100 events, each event of the next project, over 16 connections: 1,600 events at once, so that group commits are full, and
 * the server's memory is not what is measured.
 */
export function batchPublishes(sample: Sample, projects: readonly string[], events: number): Publishing {
  const bodies = projects.map((_, first) => {
    const ofBatch = Array.from({ length: EVENTS_A_BATCH }, (_, index) =>
      sample.bodyFor(projects[(first + index) % projects.length] ?? ''),
    );
    return `{"events":[${ofBatch.join(',')}]}`;
  });
  const count = events / EVENTS_A_BATCH;
  return { path: BATCH, bodies, count, connections: 16, eventsPerRequest: EVENTS_A_BATCH, deliveriesPerEvent: 1 };
}

/**
 * Publishes as fast as it is answered, after a warm-up with half as much. Values under `<name>.`: `rate` (deliveries a second from
 * the first publish to the last receipt), `accepted` (events a second until the last 202), CPU and memory of the server,
 * microseconds of CPU a delivery that server, database, load and receiver took.
 */
export async function measurePublishing(
  bench: Bench,
  server: Server,
  name: string,
  publishing: Publishing,
): Promise<Values> {
  await publish(bench, server, { ...publishing, count: Math.ceil(publishing.count / 2) });
  const processes = { server: server.pid, load: bench.load.pid, receiver: bench.receiver.pid };
  const before = cpuOf(bench, processes);
  bench.probe.begin(server.pid);
  const { startedAt, endedAt, receivedAt } = await publish(bench, server, publishing);
  const events = publishing.count * publishing.eventsPerRequest;
  const deliveries = events * publishing.deliveriesPerEvent;
  bench.probe.end(server.pid, deliveries);
  const after = cpuOf(bench, processes);
  const seconds = (receivedAt - startedAt) / 1000;
  const used = (process: string): number => (after[process] ?? Number.NaN) - (before[process] ?? Number.NaN);
  const values: Values = {
    [`${name}.rate`]: deliveries / seconds,
    [`${name}.accepted`]: (events * 1000) / (endedAt - startedAt),
    [`${name}.server cores`]: used('server') / seconds,
    [`${name}.server peak MB`]: usageOf(server.pid)?.peakMb ?? Number.NaN,
  };
  for (const process of Object.keys(after)) values[`${name}.${process} µs`] = (used(process) / deliveries) * 1e6;
  return values;
}

/** Publishes as fast as it is answered, wherever it goes. */
export function publishOnly(
  { load }: Bench,
  { url, token }: Server,
  { path, bodies, count, connections }: Publishing,
): Promise<Done> {
  const done = load.next<Done>('endedAt');
  load.send({ url, token, path, bodies, count, connections } satisfies PublishJob);
  return done;
}

async function publish(bench: Bench, server: Server, publishing: Publishing): Promise<Done & { receivedAt: number }> {
  const { count, eventsPerRequest, deliveriesPerEvent } = publishing;
  const counted = await countAtReceiver(bench.receiver, [count * eventsPerRequest * deliveriesPerEvent]);
  const done = await publishOnly(bench, server, publishing);
  return { ...done, receivedAt: await counted(0) };
}

function cpuOf({ store }: Bench, processes: Record<string, number>): Record<string, number> {
  const cpu: Record<string, number> = {};
  for (const [name, pid] of Object.entries(processes)) cpu[name] = usageOf(pid)?.cpuSeconds ?? Number.NaN;
  if (store.pid !== null) cpu.database = familyCpuSeconds(store.pid) ?? Number.NaN;
  return cpu;
}
