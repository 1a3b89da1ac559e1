import assert from 'node:assert/strict';
import type { Envelope, PublishedEventType } from '../../../../server/catalog/types.ts';
import { type Receiver, startReceiver } from '../../../../test/support/receiver.ts';
import { until } from '../../../../test/support/until.ts';
import { asZapierHandsOn } from './as-zapier-hands-on.ts';
import { runMethod, type TestBundle, type ZapierApp } from './run-app.ts';
import { startServer, type TestServer } from './server.ts';
import { shapeOf } from './shape-of.ts';

/** A server, the place that Zaps' URLs point to, and beside the Zaps an endpoint that gets every event. */
export interface Stage extends AsyncDisposable {
  server: TestServer;
  target: Receiver;
}

const CONTROL = '/control';

/** Sets the stage for round trips. */
export async function setStage(catalogPath?: string): Promise<Stage> {
  const server = await startServer(catalogPath);
  const target = await startReceiver();
  await server.call('POST', '/v1/webhook-endpoints', {
    name: 'Control',
    url: `${target.url}${CONTROL}`,
    events: ['*'],
    dialect: 'standard',
  });
  return {
    server,
    target,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await target.close();
    },
  };
}

/** How Zapier sees the user's connection to a server. */
export function authData(server: TestServer): Record<string, string> {
  return { base_url: server.url, token: server.connectorToken };
}

/**
 * Subscribe, publish the type's sample, let the server's own POST reach the hook, run `perform` on it, compare with
 * `performList`, unsubscribe, publish again: nothing more arrives.
 */
export async function roundTrip(
  app: ZapierApp,
  { server, target }: Stage,
  eventType: PublishedEventType,
): Promise<void> {
  const [sample] = eventType.samples;
  assert.ok(sample, 'the catalog has a sample');
  const path = `/zap/${eventType.key}`;
  const arrived = (at: string, id: string) => target.received.find((one) => one.path === at && one.json.id === id);
  const run = <T>(method: string, bundle: TestBundle) =>
    runMethod<T>(app, `triggers.${eventType.key}.operation.${method}`, { authData: authData(server), ...bundle });

  const before = await run<Envelope[]>('performList', {});
  assert.deepEqual(before, eventType.samples.slice(0, 3), 'before any real event, the samples are the catalog’s');

  const hook = await run<{ id: string; secret: string }>('performSubscribe', { targetUrl: `${target.url}${path}` });
  const published = await server.publish(eventType.name, sample);
  assert.equal(published.deliveries, 2, 'it goes to the hook and to the control endpoint');
  await until(() => arrived(path, published.data.id) !== undefined, `the delivery of ${eventType.name}`);
  const delivery = arrived(path, published.data.id);
  assert.ok(delivery);

  const bundle = { ...asZapierHandsOn(delivery), subscribeData: hook };
  const performed = await run<Envelope[]>('perform', bundle);
  assert.equal(
    JSON.stringify(performed),
    JSON.stringify([published.data]),
    'perform gives the event as it was published',
  );
  const listed = await run<Envelope[]>('performList', {});
  assert.equal(JSON.stringify(listed), JSON.stringify(performed), 'performList gives the same, key for key');
  assert.deepEqual(shapeOf(performed[0]), shapeOf(sample), 'the catalog’s sample has the live shape');

  const tampered = delivery.body.replace(eventType.name, `${eventType.name}x`);
  const forged = { ...asZapierHandsOn({ ...delivery, body: tampered }), subscribeData: hook };
  await assert.rejects(run('perform', forged), { name: 'HaltedError' }, 'a tampered body is refused');

  await run('performUnsubscribe', { subscribeData: hook });
  const second = await server.publish(eventType.name, sample);
  assert.equal(second.deliveries, 1, 'it goes to the control endpoint alone');
  await until(() => arrived(CONTROL, second.data.id) !== undefined, `the control delivery of ${eventType.name}`);
  assert.equal(arrived(path, second.data.id), undefined, 'nothing more arrives at the hook');
}
