import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FakeClock } from '../support/fake-clock.ts';
import { stores } from '../support/stores.ts';
import { type Api, startApi } from './api.ts';
import { DEAD_TARGET, publishable } from './samples.ts';

const hook = { url: DEAD_TARGET, events: ['*'] };

for (const { name, make } of stores)
  describe(`Idempotency-Key on ${name}`, () => {
    const clock = new FakeClock();
    let api: Api;
    before(async () => {
      api = await startApi({ store: await make(), clock });
    });
    after(() => api[Symbol.asyncDispose]());

    const subscribe = (key: string, more: { body?: object; token?: string } = {}) =>
      api.call('POST', '/v1/webhook-subscriptions', { body: hook, headers: { 'Idempotency-Key': key }, ...more });
    const countHooks = async () => (await api.call('GET', '/v1/webhook-subscriptions?limit=100')).json.data.length;

    test('the same request under the same key, bare or quoted, answers the same and makes nothing again', async () => {
      const first = await subscribe('key-1');
      const count = await countHooks();
      const again = await subscribe('"key-1"');
      assert.equal(first.headers.get('idempotency-replayed'), null);
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      assert.equal(again.status, 201);
      assert.equal(again.text, first.text);
      assert.equal(again.headers.get('location'), first.headers.get('location'));
      assert.equal(await countHooks(), count);
    });

    test('another request under a used key answers 422 idempotency_key_reused', async () => {
      await subscribe('key-2');
      const other = await subscribe('key-2', { body: { ...hook, name: 'other' } });
      assert.equal(other.status, 422);
      assert.equal(other.json.code, 'idempotency_key_reused');
    });

    test('keys of different operations and teams do not meet', async () => {
      await subscribe('key-3');
      const endpoint = await api.call('POST', '/v1/webhook-endpoints', {
        body: hook,
        headers: { 'Idempotency-Key': 'key-3' },
      });
      assert.equal(endpoint.headers.get('idempotency-replayed'), null);
      await api.call('POST', '/v1/teams', { body: { id: 'team_k', name: 'K' } });
      const elsewhere = await api.call('POST', '/v1/webhook-subscriptions', {
        body: hook,
        headers: { 'Idempotency-Key': 'key-3', 'Team-Id': 'team_k' },
      });
      assert.equal(elsewhere.headers.get('idempotency-replayed'), null);
    });

    test('a failure keeps no record: the key can be used for the mended request', async () => {
      const failed = await subscribe('key-4', { body: { ...hook, events: ['no.such'] } });
      assert.equal(failed.json.code, 'event_type_unknown');
      assert.equal((await subscribe('key-4')).status, 201);
    });

    test('a hook that was deleted is made anew under its old key', async () => {
      const first = await subscribe('workflow-7');
      await api.call('DELETE', `/v1/webhook-subscriptions/${first.json.data.id}`);
      const second = await subscribe('workflow-7');
      assert.equal(second.status, 201);
      assert.notEqual(second.json.data.id, first.json.data.id);
      const alive = await api.call('GET', `/v1/webhook-endpoints/${second.json.data.id}`);
      assert.equal(alive.status, 200);
    });

    test('twenty twins at once make one hook, and all answer the same', async () => {
      const count = await countHooks();
      const answers = await Promise.all(Array.from({ length: 20 }, () => subscribe('twins')));
      assert.equal(new Set(answers.map((answer) => answer.text)).size, 1);
      assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([201]));
      assert.equal(answers.filter((answer) => answer.headers.get('idempotency-replayed') === null).length, 1);
      assert.equal(await countHooks(), count + 1);
    });

    test('a reply with a secret is repeated to its own token only: 409 idempotency_other_token', async () => {
      const mine = await api.makeToken(undefined);
      const other = await api.makeToken(undefined);
      const first = await subscribe('sealed', { token: mine.token });
      assert.equal((await subscribe('sealed', { token: mine.token })).json.secret, first.json.secret);
      const foreign = await subscribe('sealed', { token: other.token });
      assert.equal(foreign.status, 409);
      assert.equal(foreign.json.code, 'idempotency_other_token');
      assert.ok(!foreign.text.includes(first.json.secret));
    });

    test('publishing under a key publishes once; other data under it answers 422 idempotency_key_reused', async () => {
      const { body } = publishable(api);
      const publish = (more: object = {}) =>
        api.call('POST', '/v1/webhook-events', {
          body: { ...body, ...more },
          headers: { 'Idempotency-Key': 'event-1' },
        });
      const [first, second] = await Promise.all([publish(), publish()]);
      assert.equal(first.text, second.text);
      assert.equal((await publish()).headers.get('idempotency-replayed'), 'true');
      const other = await publish({ project_id: 'prj_2' });
      assert.equal(other.status, 422);
      assert.equal(other.json.code, 'idempotency_key_reused');
    });

    test('a publish that fails under a key can be mended under the same key', async () => {
      const { body } = publishable(api);
      await api.call('POST', '/v1/webhook-events', { body: { ...body, id: 'taken' } });
      const headers = { 'Idempotency-Key': 'event-2' };
      const clash = await api.call('POST', '/v1/webhook-events', {
        body: { ...body, id: 'taken', project_id: 'prj_3' },
        headers,
      });
      assert.equal(clash.status, 409);
      const mended = await api.call('POST', '/v1/webhook-events', { body, headers });
      assert.equal(mended.status, 202);
    });

    test('a test under a key is sent once', async () => {
      const { id } = (await api.call('POST', '/v1/webhook-endpoints', { body: hook })).json.data;
      const send = () =>
        api.call('POST', `/v1/webhook-endpoints/${id}/test`, { headers: { 'Idempotency-Key': 'test-1' } });
      const first = await send();
      assert.equal(first.status, 202);
      assert.deepEqual((await send()).json, first.json);
    });

    test('a change under a key is not made again', async () => {
      const { id } = (await api.call('POST', '/v1/webhook-endpoints', { body: hook })).json.data;
      const path = `/v1/webhook-endpoints/${id}`;
      const rename = () =>
        api.call('PATCH', path, { body: { name: 'first' }, headers: { 'Idempotency-Key': 'rename' } });
      await rename();
      await api.call('PATCH', path, { body: { name: 'second' } });
      assert.equal((await rename()).json.data.name, 'first');
      assert.equal((await api.call('GET', path)).json.data.name, 'second');
    });

    test('a key that is empty, too long or has control characters answers 400 idempotency_key_invalid', async () => {
      for (const key of ['""', 'x'.repeat(256), 'a\tb']) {
        const answer = await subscribe(key);
        assert.equal(answer.status, 400, key);
        assert.equal(answer.json.code, 'idempotency_key_invalid', key);
      }
    });

    test('a key may have spaces and accents, as a name that a user gave to a workflow has', async () => {
      const first = await subscribe('n8n-17-Überweisung 2-create');
      assert.equal(first.status, 201);
      assert.equal((await subscribe('n8n-17-Überweisung 2-create')).text, first.text);
      assert.notEqual((await subscribe('n8n-17-Überweisung 3-create')).text, first.text);
    });

    test('a key is forgotten after 24 hours', async () => {
      const first = await subscribe('a-day');
      clock.set(clock.now() + 24 * 3600 * 1000 - 1);
      assert.equal((await subscribe('a-day')).text, first.text);
      clock.set(clock.now() + 1);
      const next = await subscribe('a-day');
      assert.equal(next.headers.get('idempotency-replayed'), null);
      assert.notEqual(next.json.data.id, first.json.data.id);
    });
  });
