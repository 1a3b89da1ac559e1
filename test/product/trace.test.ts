import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { traceIdOf } from '../../server/observe/traceparent.ts';
import { startApi } from '../http/api.ts';
import { publishable } from '../http/samples.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { startReceiver } from '../support/receiver.ts';
import { stores } from '../support/stores.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`;
const MINUTE = 60_000;

for (const { name, make } of stores)
  describe(`the trace of a publish, on ${name},`, () => {
    it('goes on at the receiver, attempt by attempt, and over a restart', async () => {
      const store = await make();
      const kept = { ...store, remove: async () => undefined };
      const clock = new FakeClock(Date.now());
      const receiver = await startReceiver((_, response) => response.writeHead(500).end());
      const first = await startApi({ store: kept, clock });
      const { body } = publishable(first);
      const endpoint = await first.call('POST', '/v1/webhook-endpoints', {
        body: { url: receiver.url, events: ['*'], retry_policy: 'standard' },
      });
      assert.equal(endpoint.status, 201, endpoint.text);
      const published = await first.call('POST', '/v1/webhook-events', { body, headers: { traceparent: TRACEPARENT } });
      assert.equal(published.status, 202, published.text);
      await clock.advanceUntil(() => receiver.received.length === 1, 'the first attempt');
      await first[Symbol.asyncDispose]();

      const second = await startApi({ store: kept, clock });
      await clock.advance(MINUTE);
      await clock.advanceUntil(() => receiver.received.length === 2, 'the second attempt');
      const sent = receiver.received.map(({ headers }) => headers.traceparent ?? '');
      assert.deepEqual(sent.map(traceIdOf), [TRACE, TRACE]);
      assert.equal(new Set([TRACEPARENT, ...sent]).size, 3, 'each has a parent id of its own');
      await receiver.close();
      await second[Symbol.asyncDispose]();
      await store.remove();
    });

    it('is ignored when it is not valid, and the event is delivered without one', async () => {
      await using receiver = await startReceiver();
      await using api = await startApi({ store: await make() });
      const { body } = publishable(api);
      await api.call('POST', '/v1/webhook-endpoints', { body: { url: receiver.url, events: ['*'] } });
      const published = await api.call('POST', '/v1/webhook-events', { body, headers: { traceparent: '00-what-01' } });
      assert.equal(published.status, 202, published.text);
      const [request] = await receiver.waitFor(1);
      assert.equal(request?.headers.traceparent, undefined);
    });
  });
