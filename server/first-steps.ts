import type { Catalog, Envelope } from './catalog/types.ts';

/** What a newcomer sees once: the operator's token, and three commands that subscribe a hook, publish, and read the delivery. */
export function firstSteps(url: string, token: string, catalog: Catalog): string {
  const { type, data, project_id } = smallestSample(catalog);
  const event = { type, ...(project_id === null ? {} : { project_id }), data };
  const authorization = `-H 'Authorization: Bearer ${token}'`;
  const json = `-H 'Content-Type: application/json'`;
  return `
Operator token (shown once; keep it): ${token}

Try it. In a second terminal, a receiver that prints what it gets: npm run receiver
In a third one, subscribe a hook, publish an event, read the delivery:

curl -w '\\n' -sS ${url}/v1/webhook-subscriptions ${authorization} ${json} -d '{"url":"http://127.0.0.1:9000/","events":["*"]}'
curl -w '\\n' -sS ${url}/v1/webhook-events ${authorization} ${json} -d '${JSON.stringify(event).replaceAll("'", "'\\''")}'
curl -w '\\n' -sS '${url}/v1/webhook-deliveries?limit=1' ${authorization}
`;
}

/** The shortest sample of the catalog, so that the command stays readable. */
function smallestSample(catalog: Catalog): Envelope {
  const samples = [...catalog.types.values()].filter((type) => type.publishable).flatMap((type) => type.samples);
  const [first] = samples.sort((a, b) => JSON.stringify(a.data).length - JSON.stringify(b.data).length);
  if (first === undefined) throw new Error('the catalog has no publishable event type');
  return first;
}
