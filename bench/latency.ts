import type { Bench } from './measure.ts';
import type { PacedJob, Timed } from './processes/jobs.ts';
import type { Server } from './server.ts';

/** Publishes at a pace: for these projects in turn, so many a second. */
export interface Pace extends Pick<PacedJob, 'rate' | 'warmUpSeconds' | 'seconds' | 'aside'> {
  projects: readonly string[];
}

/** Milliseconds from the moment at which each publish was to be sent to its request at the pair's receiver. */
export async function latencies(
  { pair, sample }: Bench,
  server: Server,
  { projects, ...pace }: Pace,
): Promise<number[]> {
  const timed = pair.next<Timed>('times');
  const bodies = projects.map(sample.bodyFor);
  pair.send({ kind: 'paced', url: server.url, token: server.token, bodies, ...pace } satisfies PacedJob);
  return (await timed).times;
}
