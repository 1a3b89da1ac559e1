import type { Measure } from '../measure.ts';
import { measurePublishing } from '../publishing.ts';
import type { Server } from '../server.ts';

const PATH = '/v1/webhook-events/batch';
const EVENTS_A_REQUEST = 100;
const COUNT = 500;
const ENDPOINTS = 16;
/** 1,600 events at once: group commits are full, and the server's memory is not what is measured. */
const CONNECTIONS = 16;

/** 100 events an HTTP request, each to one of 16 endpoints, against single publishes of the same run. */
export const batch: Measure = {
  name: 'batch',
  needs: ['single'],
  run: (bench, found) =>
    bench.withServer(async (server) => {
      const projects = Array.from({ length: ENDPOINTS }, (_, index) => `prj_${index}`);
      const absent = await whyAbsent(server, bench.sample.bodyFor('prj_without_endpoint'));
      if (absent !== undefined) return absent;
      for (const project of projects)
        await server.addEndpoint(bench.sample.type, `${bench.receiverUrl}/${project}`, project);
      const bodies = projects.map((_, first) => {
        const events = Array.from({ length: EVENTS_A_REQUEST }, (_, index) =>
          bench.sample.bodyFor(projects[(first + index) % ENDPOINTS] ?? ''),
        );
        return `{"events":[${events.join(',')}]}`;
      });
      const values = await measurePublishing(bench, server, 'batch', {
        path: PATH,
        bodies,
        count: COUNT,
        connections: CONNECTIONS,
        eventsPerRequest: EVENTS_A_REQUEST,
        deliveriesPerEvent: 1,
      });
      return {
        ...values,
        'batch.ratio': (values['batch.rate'] ?? Number.NaN) / (found['single.rate'] ?? Number.NaN),
        'batch.accepted ratio': (values['batch.accepted'] ?? Number.NaN) / (found['single.accepted'] ?? Number.NaN),
      };
    }),
};

/** Tries the route with one event. @throws when it answers, but does not accept. */
async function whyAbsent(server: Server, event: string): Promise<string | undefined> {
  const answer = await fetch(`${server.url}${PATH}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: `{"events":[${event}]}`,
  });
  if (answer.status === 404 || answer.status === 405) return `not there: POST ${PATH} answers ${answer.status}`;
  const text = await answer.text();
  const { data } = JSON.parse(text) as { data?: { status: number }[] };
  if (answer.status !== 202 || data?.[0]?.status !== 202)
    throw new Error(`a batch was answered with ${answer.status}: ${text}`);
  return undefined;
}
