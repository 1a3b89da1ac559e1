import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Api, startApi } from './api.ts';
import { DEAD_TARGET, publishable } from './samples.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api[Symbol.asyncDispose]());

const subscribe = (body: object, headers: Record<string, string> = {}) =>
  api.call('POST', '/v1/webhook-subscriptions', { body, headers });

test('a hook is subscribed with id, secret and the absolute Location that deletes it', async () => {
  const made = await subscribe({ name: 'Zap', url: DEAD_TARGET, events: ['*'] });
  assert.equal(made.status, 201);
  assert.equal(made.json.data.kind, 'hook');
  assert.match(made.json.secret, /^whsec_/);
  const location = made.headers.get('location') ?? '';
  assert.equal(location, `${api.url}/v1/webhook-subscriptions/${made.json.data.id}`);
  assert.equal((await api.call('DELETE', location.slice(api.url.length))).status, 204);
  assert.equal((await api.call('GET', `/v1/webhook-endpoints/${made.json.data.id}`)).json.code, 'endpoint_not_found');
});

test('the Location follows the name and scheme by which a proxy says the caller came', async () => {
  const made = await subscribe(
    { url: DEAD_TARGET, event: '*' },
    { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'hooks.example.com' },
  );
  assert.match(made.headers.get('location') ?? '', /^https:\/\/hooks\.example\.com\/v1\/webhook-subscriptions\/ep_/);
});

test('target_url and event are taken in place of url and events', async () => {
  const { type } = publishable(api);
  const made = await subscribe({ target_url: DEAD_TARGET, event: type.name });
  assert.equal(made.status, 201);
  assert.equal(made.json.data.url, DEAD_TARGET);
  assert.deepEqual(made.json.data.events, [type.name]);
});

test('a hook without a URL or events, or with two that differ, answers 422 validation_failed', async () => {
  for (const [body, pointers] of [
    [{}, ['/url', '/events']],
    [{ url: DEAD_TARGET }, ['/events']],
    [{ event: '*' }, ['/url']],
    [{ url: DEAD_TARGET, target_url: `${DEAD_TARGET}2`, event: '*' }, ['/target_url']],
    [{ url: DEAD_TARGET, events: ['*'], event: 'other' }, ['/event']],
  ] as const) {
    const answer = await subscribe(body);
    assert.equal(answer.status, 422);
    assert.equal(answer.json.code, 'validation_failed');
    assert.deepEqual(
      answer.json.errors.map((fault: { pointer: string }) => fault.pointer),
      pointers,
    );
  }
});

test('unsubscribing answers 204 always, and leaves endpoints that are no hooks alone', async () => {
  assert.equal((await api.call('DELETE', '/v1/webhook-subscriptions/nothing')).status, 204);
  const endpoint = await api.call('POST', '/v1/webhook-endpoints', { body: { url: DEAD_TARGET, events: ['*'] } });
  const { id } = endpoint.json.data;
  assert.equal((await api.call('DELETE', `/v1/webhook-subscriptions/${id}`)).status, 204);
  assert.equal((await api.call('GET', `/v1/webhook-endpoints/${id}`)).status, 200);
  await api.call('DELETE', `/v1/webhook-endpoints/${id}`);
});

test('a fixed Idempotency-Key on DELETE does not keep a later hook alive', async () => {
  const headers = { 'Idempotency-Key': 'workflow-1' };
  for (let round = 0; round < 2; round += 1) {
    const made = await subscribe({ url: DEAD_TARGET, event: '*' }, headers);
    assert.equal(made.headers.get('idempotency-replayed'), null);
    const { id } = made.json.data;
    assert.equal((await api.call('DELETE', `/v1/webhook-subscriptions/${id}`, { headers })).status, 204);
    assert.equal((await api.call('GET', `/v1/webhook-endpoints/${id}`)).status, 404);
  }
});

test('hooks are found by target URL and event', async () => {
  const url = `${DEAD_TARGET}/find`;
  const { type } = publishable(api);
  const exact = await subscribe({ url, event: type.name });
  const all = await subscribe({ url, event: '*' });
  const find = async (query: string) =>
    (await api.call('GET', `/v1/webhook-subscriptions?${query}`)).json.data.map((hook: { id: string }) => hook.id);
  const at = `url=${encodeURIComponent(url)}`;
  assert.deepEqual(await find(at), [all.json.data.id, exact.json.data.id]);
  assert.deepEqual(await find(`${at}&event=${type.name}`), [exact.json.data.id]);
  assert.deepEqual(await find(`${at}x`), []);
});

test('a hook keeps its secret and its dialect: 409 hook_immutable; the rest of it can change', async () => {
  const { id } = (await subscribe({ url: DEAD_TARGET, event: '*' })).json.data;
  const path = `/v1/webhook-endpoints/${id}`;
  const dialect = await api.call('PATCH', path, { body: { dialect: 'memberpass' } });
  assert.equal(dialect.status, 409);
  assert.equal(dialect.json.code, 'hook_immutable');
  const rotate = await api.call('POST', `${path}/rotate-secret`);
  assert.equal(rotate.status, 409);
  assert.equal(rotate.json.code, 'hook_immutable');
  assert.equal((await api.call('PATCH', path, { body: { name: 'x', dialect: 'standard' } })).status, 200);
  assert.equal((await api.call('PATCH', path, { body: { state: 'paused' } })).json.data.state, 'paused');
});
