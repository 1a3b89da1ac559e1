import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startApi } from '../http/api.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { startReceiver } from '../support/receiver.ts';
import { stores } from '../support/stores.ts';

const DAY = 24 * 3600_000;

for (const { name, make } of stores)
  describe(`an event past the retention of payloads on ${name}`, () => {
    it('is still listed, without its data, cannot be sent again, and is repeated to its publisher as before', async () => {
      const clock = new FakeClock(Date.now());
      await using receiver = await startReceiver();
      await using api = await startApi({ store: await make(), clock, payloadRetentionDays: 2 });
      const { call } = api;
      const endpoint = (await call('POST', '/v1/webhook-endpoints', { body: { url: receiver.url, events: ['*'] } }))
        .json.data.id;
      const body = {
        id: 'own-1',
        type: 'team.created',
        data: { team: { id: 'tem_1', name: 'Acme', owner_id: 'usr_1' } },
      };
      const published = (await call('POST', '/v1/webhook-events', { body })).json.data;
      const delivery = async () => (await call('GET', '/v1/webhook-deliveries?event_id=own-1')).json.data[0];
      await clock.advanceUntil(async () => (await delivery()).status === 'delivered', 'the delivery');

      clock.set(clock.now() + 2 * DAY);
      const read = async () => (await call('GET', '/v1/webhook-events/own-1')).json.data;
      await clock.advanceUntil(async () => (await read()).data === null, 'the payload to be pruned');
      assert.deepEqual(await read(), { ...published, data: null });
      for (const list of ['/v1/webhook-events', '/v1/webhook-events?after=0'])
        assert.deepEqual((await call('GET', list)).json.data, [{ ...published, data: null }]);
      const samples = (await call('GET', '/v1/event-types/team.created/samples')).json.data;
      assert.ok(samples.length > 0 && samples.every((sample: { data: unknown }) => sample.data !== null));

      for (const [path, sent] of [
        [`/v1/webhook-deliveries/${(await delivery()).id}/retry`, undefined],
        ['/v1/webhook-events/own-1/deliver', { endpoint_id: endpoint }],
      ] as const) {
        const refused = await call('POST', path, { body: sent });
        assert.deepEqual([refused.status, refused.json.code], [409, 'payload_pruned'], refused.text);
      }
      const many = await call('POST', '/v1/webhook-deliveries/retry', { body: { status: 'cancelled' } });
      assert.equal(many.json.data.retried, 0);
      const late = { body: { url: `${receiver.url}/late`, events: ['*'] } };
      const replays = `/v1/webhook-endpoints/${(await call('POST', '/v1/webhook-endpoints', late)).json.data.id}/replays`;
      const made = await call('POST', replays, { body: { since: '2020-01-01T00:00:00Z' } });
      assert.equal(made.status, 202, made.text);
      const replay = async () => (await call('GET', `${replays}/${made.json.data.id}`)).json.data;
      await clock.advanceUntil(async () => (await replay()).state === 'done', 'the replay');
      assert.equal((await replay()).created, 0);

      const again = await call('POST', '/v1/webhook-events', { body });
      assert.equal(again.status, 202, again.text);
      assert.deepEqual(again.json.data, published);
    });
  });
