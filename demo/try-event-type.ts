import { isDeepStrictEqual } from 'node:util';
import { Webhook } from 'standardwebhooks';
import type { Envelope, EventType } from '../server/catalog/types.ts';
import type { Inbox, Receipt } from './inbox.ts';

/** Calls the API with the operator's token and answers with the JSON of its reply. @throws on an error reply. */
export type Call = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** What came of one event type. */
export interface Result {
  type: string;
  attempts: number;
  /** Milliseconds from publishing to receiving; null when nothing came. */
  ms: number | null;
  /** Everything that is not as it should be. */
  faults: string[];
}

/** A hook that waits for events of one type. */
export interface Subscribed {
  type: EventType;
  path: string;
  secret: string;
}

interface Delivery {
  status: string;
  attempt_count: number;
}

/** How long a delivery may take to arrive, and then to be written down as delivered. */
const PATIENCE_MS = 5000;

/** Subscribes a hook for one event type, at a path of its own. */
export async function subscribe(call: Call, inbox: Inbox, type: EventType): Promise<Subscribed> {
  const path = `/${encodeURIComponent(type.name)}`;
  const hook = { url: inbox.url + path, events: [type.name], dialect: 'standard' };
  const { secret } = await call<{ secret: string }>('POST', '/v1/webhook-subscriptions', hook);
  return { type, path, secret };
}

/** Publishes the type's first sample, waits for its delivery, and holds what arrived against what was published. */
export async function tryEventType(call: Call, inbox: Inbox, { type, path, secret }: Subscribed): Promise<Result> {
  const [sample] = type.samples;
  if (sample === undefined) return { type: type.name, attempts: 0, ms: null, faults: ['it has no sample'] };
  const { data, project_id } = sample;
  const event = { type: type.name, data, ...(project_id === null ? {} : { project_id }) };
  const publishedAt = performance.now();
  const published = await call<{ data: Envelope; deliveries: number }>('POST', '/v1/webhook-events', event);
  const receipt = await inbox.first(path, PATIENCE_MS);
  const delivery = await settled(call, published.data.id);

  const faults = receipt === undefined ? ['nothing arrived'] : faultsOf(receipt, secret, published.data, sample);
  if (published.deliveries !== 1) faults.push(`it went to ${published.deliveries} hooks`);
  if (delivery?.status !== 'delivered') faults.push(`its delivery is ${delivery?.status ?? 'missing'}`);
  const count = inbox.of(path).length;
  if (count > 1) faults.push(`it arrived ${count} times`);
  return {
    type: type.name,
    attempts: delivery?.attempt_count ?? 0,
    ms: receipt === undefined ? null : receipt.at - publishedAt,
    faults,
  };
}

/** What is wrong with a delivery: its signature, its envelope, its data. */
function faultsOf({ headers, body }: Receipt, secret: string, published: Envelope, sample: Envelope): string[] {
  const faults: string[] = [];
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
  } catch (error) {
    faults.push(`its signature is refused: ${error instanceof Error ? error.message : error}`);
  }
  if (headers['webhook-id'] !== published.id) faults.push('its webhook-id is not the id of the event');
  const delivered = JSON.parse(body) as Envelope;
  if (!isDeepStrictEqual(delivered, published)) faults.push('it is not what publishing answered');
  if (!isDeepStrictEqual(delivered.data, sample.data)) faults.push('its data is not that of the sample');
  return faults;
}

/** The delivery of an event once it is settled, or as it stands when it takes too long. */
async function settled(call: Call, eventId: string): Promise<Delivery | undefined> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const { data } = await call<{ data: Delivery[] }>('GET', `/v1/webhook-deliveries?event_id=${eventId}`);
    const [delivery] = data;
    if (delivery?.status !== 'pending' || performance.now() > until) return delivery;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
