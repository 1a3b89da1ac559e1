import type { Measure } from '../measure.ts';
import { BATCH, batchPublishes, measurePublishing } from '../publishing.ts';
import { projectsOf } from '../sample.ts';
import type { Server } from '../server.ts';

const EVENTS = 50_000;
const ENDPOINTS = 16;

/** 100 events an HTTP request, each to one of 16 endpoints, against single publishes of the same run. */
export const batch: Measure = {
  name: 'batch',
  needs: ['single'],
  run: (bench, found) =>
    bench.withServer(async (server) => {
      const projects = projectsOf(ENDPOINTS);
      const absent = await whyAbsent(server, bench.sample.bodyFor('prj_without_endpoint'));
      if (absent !== undefined) return absent;
      for (const project of projects)
        await server.addEndpoint(bench.sample.type, `${bench.receiverUrl}/${project}`, project);
      const values = await measurePublishing(bench, server, 'batch', batchPublishes(bench.sample, projects, EVENTS));
      return {
        ...values,
        'batch.ratio': (values['batch.rate'] ?? Number.NaN) / (found['single.rate'] ?? Number.NaN),
        'batch.accepted ratio': (values['batch.accepted'] ?? Number.NaN) / (found['single.accepted'] ?? Number.NaN),
      };
    }),
};

/** Tries the route with one event. @throws when it answers, but does not accept. */
async function whyAbsent(server: Server, event: string): Promise<string | undefined> {
  const answer = await fetch(`${server.url}${BATCH}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: `{"events":[${event}]}`,
  });
  if (answer.status === 404 || answer.status === 405) return `not there: POST ${BATCH} answers ${answer.status}`;
  const text = await answer.text();
  const { data } = JSON.parse(text) as { data?: { status: number }[] };
  if (answer.status !== 202 || data?.[0]?.status !== 202)
    throw new Error(`a batch was answered with ${answer.status}: ${text}`);
  return undefined;
}
