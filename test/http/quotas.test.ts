import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Api, startApi } from './api.ts';
import { DEAD_TARGET, publishable } from './samples.ts';

const make = (api: Api, team: string, route = 'webhook-endpoints') =>
  api.call('POST', `/v1/${route}`, { headers: { 'Team-Id': team }, body: { url: DEAD_TARGET, events: ['*'] } });

for (const { name, make: makeStore } of stores)
  describe(`quotas of a team on ${name}`, () => {
    it('let it have so many endpoints and hooks, also when many come at once, and no other team fewer', async () => {
      await using api = await startApi({ store: await makeStore(), quotas: { endpoints: 5 } });
      await api.call('POST', '/v1/teams', { body: { id: 'other', name: 'Other' } });
      const routes = Array.from({ length: 12 }, (_, index) =>
        index % 2 === 0 ? 'webhook-endpoints' : 'webhook-subscriptions',
      );
      const answers = await Promise.all(routes.map((route) => make(api, 'default', route)));
      const made = answers.filter(({ status }) => status === 201);
      assert.equal(made.length, 5);
      for (const { status, json } of answers.filter((one) => !made.includes(one))) {
        assert.deepEqual([status, json.code], [403, 'endpoint_quota_exceeded']);
        assert.match(json.detail, /5 endpoints and hooks/);
      }
      assert.equal((await make(api, 'other')).status, 201);
      const { id } = made[0]?.json.data ?? assert.fail();
      await api.call('DELETE', `/v1/webhook-endpoints/${id}`);
      assert.equal((await make(api, 'default')).status, 201);
    });

    it('let so many of its deliveries wait, held ones too, and take events again when there is room', async () => {
      await using api = await startApi({ store: await makeStore(), quotas: { pendingDeliveries: 20 } });
      const { id } = (await make(api, 'default')).json.data;
      await api.call('PATCH', `/v1/webhook-endpoints/${id}`, { body: { state: 'paused' } });
      const { body } = publishable(api);
      const publish = () => api.call('POST', '/v1/webhook-events', { body });
      for (let count = 0; count < 20; count += 1) assert.equal((await publish()).status, 202);
      const refused = await publish();
      assert.deepEqual(
        [refused.status, refused.json.code, refused.headers.get('retry-after')],
        [429, 'pending_quota_exceeded', '5'],
      );
      assert.match(refused.json.detail, /20 deliveries .* wait/);
      const batch = await api.call('POST', '/v1/webhook-events/batch', { body: { events: [body] } });
      assert.deepEqual(
        [batch.status, batch.json.data[0].status, batch.json.data[0].problem.code],
        [202, 429, 'pending_quota_exceeded'],
      );

      await api.call('DELETE', `/v1/webhook-endpoints/${id}`);
      await until(async () => (await publish()).status === 202, 'room for an event');
    });
  });
