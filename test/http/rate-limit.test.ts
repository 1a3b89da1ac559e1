import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { postgresStore, sqliteStore, stores } from '../support/stores.ts';
import { startApi } from './api.ts';
import { DEAD_TARGET, publishable } from './samples.ts';

for (const { name, make } of stores)
  describe(`the requests of a token on ${name}`, () => {
    it('are counted and told, and refused with 429 when there are too many; another token’s are not', async () => {
      await using api = await startApi({
        store: await make(),
        rateLimits: { managementPerMinute: 3, managementPerHour: 100 },
      });
      const { token } = await api.makeToken(['team:view']);
      const get = () => api.call('GET', '/v1/teams/current', { token });
      for (const left of [2, 1, 0]) {
        const { status, headers } = await get();
        assert.equal(status, 200);
        assert.equal(headers.get('ratelimit-policy'), '"minute";q=3;w=60, "hour";q=100;w=3600');
        assert.match(
          headers.get('ratelimit') ?? '',
          new RegExp(`^"minute";r=${left};t=\\d+, "hour";r=${97 + left};t=\\d+$`),
        );
      }
      const refused = await get();
      assert.deepEqual([refused.status, refused.json.code], [429, 'rate_limited']);
      const wait = Number(refused.headers.get('retry-after'));
      assert.ok(wait > 0 && wait <= 60, String(wait));
      assert.match(refused.json.detail, /may make 3 requests in 60 seconds/);
      assert.match(refused.headers.get('ratelimit') ?? '', /^"minute";r=0;/);
      const other = await api.makeToken(['team:view']);
      assert.equal((await api.call('GET', '/v1/teams/current', { token: other.token })).status, 200);
    });

    it('publishes and test events have counts of their own', async () => {
      await using api = await startApi({
        store: await make(),
        rateLimits: { managementPerMinute: 2, publishPerMinute: 2 },
      });
      const { token } = await api.makeToken(['webhook-event:publish', 'webhook-endpoint:manage']);
      const publish = async () =>
        (await api.call('POST', '/v1/webhook-events', { token, body: publishable(api).body })).status;
      assert.deepEqual([await publish(), await publish(), await publish()], [202, 202, 429]);
      const body = { url: DEAD_TARGET, events: ['*'] };
      const made = await api.call('POST', '/v1/webhook-endpoints', { token, body });
      assert.equal(made.status, 201, made.text);
      const test = async () =>
        (await api.call('POST', `/v1/webhook-endpoints/${made.json.data.id}/test`, { token, body: {} })).status;
      const tests = [await test(), await test(), await test(), await test(), await test(), await test()];
      assert.deepEqual(tests, [202, 202, 202, 202, 202, 429]);
    });
  });

describe('instances on one PostgreSQL', () => {
  it('count a token’s requests together', async () => {
    const store = await postgresStore();
    const rateLimits = { managementPerMinute: 4, publishPerMinute: 100 };
    await using one = await startApi({ store, rateLimits });
    await using two = await startApi({ store: { ...store, remove: async () => undefined }, rateLimits });
    const { token } = await one.makeToken(['team:view', 'webhook-event:publish']);
    const statuses: number[] = [];
    for (const api of [one, two, one, two, one, two])
      statuses.push((await api.call('GET', '/v1/teams/current', { token })).status);
    assert.deepEqual(statuses, [200, 200, 200, 200, 429, 429]);
    const published = await Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const { status } = await (index % 2 === 0 ? one : two).call('POST', '/v1/webhook-events', {
          token,
          body: publishable(one).body,
        });
        return status;
      }),
    );
    assert.equal(published.filter((status) => status === 202).length, 100);
  });
});

describe('the operator', () => {
  it('is not counted', async () => {
    await using api = await startApi({ store: await sqliteStore(), rateLimits: { managementPerMinute: 1 } });
    for (let index = 0; index < 3; index += 1) {
      const { status, headers } = await api.call('GET', '/v1/teams/current');
      assert.deepEqual([status, headers.get('ratelimit')], [200, null]);
    }
  });
});
