import assert from 'node:assert/strict';
import { type Answer, type Api, startApi } from '../http/api.ts';
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Store, sqliteStore } from '../support/stores.ts';
import { until } from '../support/until.ts';

/** A delivery as the API shows it, as far as tests look. */
export interface Delivery {
  id: string;
  event_id: string;
  event_type: string;
  status: string;
  attempt_count: number;
  next_attempt_at: string | null;
  replay_of: string | null;
  is_test: boolean;
  attempts: {
    number: number;
    status: number | null;
    error: string | null;
    duration_ms: number;
    reply_body: string | null;
  }[];
}

/** A server, a receiver, and what an endpoint's owner and a publisher do with them. Every helper insists on success. */
export interface Stage extends AsyncDisposable {
  api: Api;
  receiver: Receiver;
  /** Makes an endpoint (or, with `kind: 'hook'`, a hook) at a path of the receiver; for all events unless told otherwise. */
  create(path: string, more?: { kind?: 'hook' } & Record<string, unknown>): Promise<string>;
  patch(id: string, body: object): Promise<void>;
  remove(id: string): Promise<void>;
  /** Publishes the catalog's sample of a type, changed by `more`; answers with the event's id and its number of deliveries. */
  publish(type: string, more?: { data?: unknown; project_id?: string }): Promise<{ id: string; deliveries: number }>;
  /** What came to a path of the receiver. */
  at(path: string): Received[];
  deliveriesTo(endpointId: string): Promise<Delivery[]>;
  delivery(id: string): Promise<Delivery>;
  /** Resolves with the endpoint's one delivery of an event once it is in this status. */
  deliveryIn(status: string, endpointId: string, eventId: string): Promise<Delivery>;
}

/** Sets the stage on a store of its own; an SQLite file unless another is given. */
export async function setStage(makeStore: () => Promise<Store> = sqliteStore): Promise<Stage> {
  const api = await startApi({ store: await makeStore() });
  const receiver = await startReceiver();
  const insist = async (status: number, answering: Promise<Answer>): Promise<Answer['json']> => {
    const answer = await answering;
    assert.equal(answer.status, status, answer.text);
    return answer.json;
  };
  const list = async (query: string): Promise<Delivery[]> =>
    (await insist(200, api.call('GET', `/v1/webhook-deliveries?limit=100&${query}`))).data;
  const delivery = async (id: string): Promise<Delivery> =>
    (await insist(200, api.call('GET', `/v1/webhook-deliveries/${id}`))).data;
  return {
    api,
    receiver,
    async create(path, { kind, ...more } = {}) {
      const route = kind === 'hook' ? '/v1/webhook-subscriptions' : '/v1/webhook-endpoints';
      const body = { url: `${receiver.url}${path}`, events: ['*'], ...more };
      return (await insist(201, api.call('POST', route, { body }))).data.id;
    },
    async patch(id, body) {
      await insist(200, api.call('PATCH', `/v1/webhook-endpoints/${id}`, { body }));
    },
    async remove(id) {
      await insist(204, api.call('DELETE', `/v1/webhook-endpoints/${id}`));
    },
    async publish(name, more = {}) {
      const sample = api.hookloom.catalog.types.get(name)?.samples[0] ?? assert.fail(`no sample of ${name}`);
      const { type, data, project_id } = sample;
      const body = { type, data, ...(project_id === null ? {} : { project_id }), ...more };
      const published = await insist(202, api.call('POST', '/v1/webhook-events', { body }));
      return { id: published.data.id, deliveries: published.deliveries };
    },
    at: (path) => receiver.received.filter((request) => request.path === path),
    deliveriesTo: (endpointId) => list(`endpoint_id=${endpointId}`),
    delivery,
    async deliveryIn(status, endpointId, eventId) {
      let found: Delivery | undefined;
      await until(async () => {
        [found] = await list(`endpoint_id=${endpointId}&event_id=${eventId}`);
        return found?.status === status;
      }, `the delivery of ${eventId} to be ${status}`);
      return delivery(found?.id ?? '');
    },
    async [Symbol.asyncDispose]() {
      await receiver.close();
      await api[Symbol.asyncDispose]();
    },
  };
}
