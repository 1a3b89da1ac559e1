import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { type Api, startApi } from './api.ts';
import { DEAD_TARGET, publishable } from './samples.ts';

let api: Api;
let clock: FakeClock;
before(async () => {
  clock = new FakeClock();
  api = await startApi({ clock });
});
after(() => api[Symbol.asyncDispose]());

const make = (body: object) => api.call('POST', '/v1/tokens', { body: { name: 'a token', ...body } });
const use = async (token: string) => {
  const { status, json } = await api.call('GET', '/v1/teams/current', { token });
  return [status, json.code];
};
const inMs = (ms: number) => new Date(clock.now() + ms).toISOString();

test('a token has its mode in its text, 178 random bits and a checksum that tells a mistyped one', async () => {
  for (const mode of ['live', 'test']) {
    const { token } = (await make({ mode })).json;
    assert.match(token, new RegExp(`^hkl_${mode}_[0-9A-Za-z]{36}$`));
    assert.deepEqual(await use(token), [200, undefined]);
    const swapped = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
    for (const mistyped of [
      swapped,
      token.slice(0, -1),
      `${token}0`,
      token.replace(mode, mode === 'live' ? 'test' : 'live'),
    ])
      assert.deepEqual(await use(mistyped), [401, 'token_malformed'], mistyped);
  }
});

test('a token stops working when it expires, also where it was in use until then', async () => {
  assert.equal((await make({ expires_at: inMs(-1) })).json.errors[0].pointer, '/expires_at');
  const { data, token } = (await make({ expires_at: inMs(2000) })).json;
  assert.equal(data.expires_at, inMs(2000));
  assert.deepEqual(await use(token), [200, undefined]);
  await clock.advance(2000);
  assert.deepEqual(await use(token), [401, 'token_expired']);
});

test('the last use of a token is told to the minute', async () => {
  const { data, token } = (await make({})).json;
  assert.equal(data.last_used_at, null);
  const lastUse = async () =>
    (await api.call('GET', '/v1/tokens')).json.data.find(({ id }: { id: string }) => id === data.id).last_used_at;
  const first = inMs(0);
  await use(token);
  await until(async () => (await lastUse()) === first, 'the first use to be noted');
  await clock.advance(30_000);
  await use(token);
  assert.equal(await lastUse(), first);
  await clock.advance(30_000);
  const second = inMs(0);
  await use(token);
  await until(async () => (await lastUse()) === second, 'a later use to be noted');
});

test('what is published with a test token is marked as a test', async () => {
  const { token } = (await make({ mode: 'test', abilities: ['webhook-event:publish'] })).json;
  const event = await api.call('POST', '/v1/webhook-events', { token, body: publishable(api).body });
  const batch = { events: [publishable(api).body] };
  const { data } = (await api.call('POST', '/v1/webhook-events/batch', { token, body: batch })).json;
  for (const id of [event.json.data.id, data[0].event.id])
    assert.equal((await api.call('GET', `/v1/webhook-events/${id}`)).json.is_test, true);
});

test('a revoked token takes its hooks along when that is asked for, and its endpoints never', async () => {
  for (const [query, status] of [
    ['', 200],
    ['?hooks=delete', 404],
  ] as const) {
    const { data, token } = (await make({})).json;
    const body = { url: DEAD_TARGET, events: ['*'] };
    const endpoint = (await api.call('POST', '/v1/webhook-endpoints', { token, body })).json.data.id;
    const hook = (await api.call('POST', '/v1/webhook-subscriptions', { token, body })).json.data.id;
    const others = (await api.call('POST', '/v1/webhook-subscriptions', { body })).json.data.id;
    assert.equal((await api.call('DELETE', `/v1/tokens/${data.id}${query}`)).status, 204);
    assert.deepEqual(await use(token), [401, 'token_unknown']);
    const read = async (id: string) => (await api.call('GET', `/v1/webhook-endpoints/${id}`)).status;
    assert.deepEqual([await read(hook), await read(endpoint), await read(others)], [status, 200, 200]);
  }
});
