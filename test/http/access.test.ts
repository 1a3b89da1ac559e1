import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { contractOperations, readContract } from '../../server/http/contract.ts';
import { type Api, startApi } from './api.ts';
import { DEAD_TARGET, publishable } from './samples.ts';

let api: Api;
before(async () => {
  // With a token of their own, metrics are secured on a loopback address too.
  api = await startApi({ metricsTokenHash: hash('sha256', 'a token for the metrics, 32 characters or more') });
});
after(() => api[Symbol.asyncDispose]());

const secured = contractOperations(readContract()).filter(({ ability }) => ability !== null);
const pathOf = (path: string) => path.replaceAll(/\{\w+\}/g, 'nothing');

test('every operation but the public ones answers 401 token_missing without a token', async () => {
  for (const { method, path } of secured) {
    const answer = await api.call(method.toUpperCase(), pathOf(path), { token: null });
    assert.equal(answer.status, 401, path);
    assert.equal(answer.json.code, 'token_missing');
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer /);
  }
});

test('a token that nobody made answers 401 token_unknown', async () => {
  const answer = await api.call('GET', '/v1/teams/current', { token: 'hkl_0123456789' });
  assert.equal(answer.status, 401);
  assert.equal(answer.json.code, 'token_unknown');
  assert.match(answer.headers.get('www-authenticate') ?? '', /invalid_token/);
});

test('a token without the ability answers 403 and names it, on every operation', async () => {
  const view = await api.makeToken(['team:view']);
  const publish = await api.makeToken(['webhook-event:publish']);
  for (const { method, path, ability } of secured) {
    const { token } = ability === 'team:view' ? publish : view;
    const answer = await api.call(method.toUpperCase(), pathOf(path), { token });
    assert.equal(answer.status, 403, path);
    const isOfOperator = ability === 'operator' || ability === 'metrics';
    assert.equal(answer.json.code, isOfOperator ? 'operator_only' : 'ability_missing');
    if (!isOfOperator) assert.match(answer.json.detail, new RegExp(`"${ability}"`));
  }
});

test("a connector's token by default reads and manages endpoints, and cannot publish or make tokens", async () => {
  const { token } = await api.makeToken(undefined);
  assert.equal((await api.call('GET', '/v1/webhook-endpoints', { token })).status, 200);
  assert.equal((await api.call('GET', '/v1/webhook-deliveries', { token })).status, 200);
  assert.equal((await api.call('GET', '/v1/event-types', { token })).status, 200);
  assert.equal((await api.call('GET', '/v1/teams/current', { token })).json.data.id, 'default');
  const publish = await api.call('POST', '/v1/webhook-events', { token, body: publishable(api).body });
  assert.equal(publish.json.code, 'ability_missing');
  assert.equal((await api.call('POST', '/v1/tokens', { token, body: { name: 'x' } })).json.code, 'ability_missing');
});

test('nobody can grant an ability that they do not have: 403 ability_missing', async () => {
  const { token } = await api.makeToken(['token:manage', 'team:view']);
  const more = await api.call('POST', '/v1/tokens', {
    token,
    body: { name: 'x', abilities: ['webhook-event:publish'] },
  });
  assert.equal(more.status, 403);
  assert.equal(more.json.code, 'ability_missing');
  const own = await api.call('POST', '/v1/tokens', { token, body: { name: 'x', abilities: ['team:view'] } });
  assert.equal(own.status, 201);
});

test('a token is listed without its text, and revoked at once in this process: 401 token_unknown', async () => {
  const { id, token } = await api.makeToken(['team:view']);
  assert.match(token, /^hkl_live_[0-9A-Za-z]{36}$/);
  const list = await api.call('GET', '/v1/tokens?limit=100');
  assert.ok(list.json.data.some((one: { id: string }) => one.id === id));
  assert.ok(!list.text.includes(token));
  assert.equal((await api.call('GET', '/v1/teams/current', { token })).status, 200);
  assert.equal((await api.call('DELETE', `/v1/tokens/${id}`)).status, 204);
  assert.equal((await api.call('GET', '/v1/teams/current', { token })).json.code, 'token_unknown');
  assert.equal((await api.call('DELETE', `/v1/tokens/${id}`)).status, 404);
});

test("a team's token sees nothing of another team: 404 for endpoints, events, deliveries, and no rows in lists", async () => {
  await api.call('POST', '/v1/teams', { body: { id: 'team_a', name: 'A' } });
  await api.call('POST', '/v1/teams', { body: { id: 'team_b', name: 'B' } });
  const asA = { headers: { 'Team-Id': 'team_a' } };
  const endpoint = await api.call('POST', '/v1/webhook-endpoints', {
    ...asA,
    body: { url: DEAD_TARGET, events: ['*'] },
  });
  const event = await api.call('POST', '/v1/webhook-events', { ...asA, body: publishable(api).body });
  assert.equal(event.json.deliveries, 1);
  const deliveries = await api.call('GET', '/v1/webhook-deliveries', asA);
  const { token } = await api.makeToken(
    ['webhook-endpoint:manage', 'webhook-event:read', 'webhook-delivery:read', 'token:manage', 'team:view'],
    'team_b',
  );
  const id = endpoint.json.data.id;
  for (const [method, path, code] of [
    ['GET', `/v1/webhook-endpoints/${id}`, 'endpoint_not_found'],
    ['PATCH', `/v1/webhook-endpoints/${id}`, 'endpoint_not_found'],
    ['POST', `/v1/webhook-endpoints/${id}/test`, 'endpoint_not_found'],
    ['POST', `/v1/webhook-endpoints/${id}/rotate-secret`, 'endpoint_not_found'],
    ['GET', `/v1/webhook-events/${event.json.data.id}`, 'event_not_found'],
    ['GET', `/v1/webhook-deliveries/${deliveries.json.data[0].id}`, 'delivery_not_found'],
    ['POST', `/v1/webhook-deliveries/${deliveries.json.data[0].id}/retry`, 'delivery_not_found'],
  ] as const) {
    const answer = await api.call(method, path, { token, ...(method === 'PATCH' ? { body: { name: 'x' } } : {}) });
    assert.equal(answer.status, 404, path);
    assert.equal(answer.json.code, code);
  }
  for (const list of ['webhook-endpoints', 'webhook-events', 'webhook-deliveries', 'webhook-subscriptions'])
    assert.deepEqual((await api.call('GET', `/v1/${list}`, { token })).json.data, [], list);
  assert.equal((await api.call('DELETE', `/v1/webhook-endpoints/${id}`, { token })).status, 404);
  assert.equal((await api.call('GET', `/v1/webhook-endpoints/${id}`, asA)).status, 200);
});

test('a team that is not there, or not the token’s own, answers 404 team_not_found', async () => {
  const { token } = await api.makeToken(['team:view']);
  for (const [as, team] of [
    [undefined, 'nobody'],
    [token, 'team_a'],
    [token, 'nobody'],
  ] as const) {
    const answer = await api.call('GET', '/v1/teams/current', {
      headers: { 'Team-Id': team },
      ...(as === undefined ? {} : { token: as }),
    });
    assert.equal(answer.status, 404);
    assert.equal(answer.json.code, 'team_not_found');
  }
  const own = await api.call('GET', '/v1/teams/current', { token, headers: { 'Team-Id': 'default' } });
  assert.equal(own.status, 200);
});

test('the operator publishes for the team in the body, and answers 422 when the header names another', async () => {
  await api.call('POST', '/v1/teams', { body: { id: 'team_c', name: 'C' } });
  const { body } = publishable(api);
  const published = await api.call('POST', '/v1/webhook-events', { body: { ...body, team_id: 'team_c' } });
  assert.equal(published.status, 202);
  const path = `/v1/webhook-events/${published.json.data.id}`;
  assert.equal((await api.call('GET', path, { headers: { 'Team-Id': 'team_c' } })).status, 200);
  assert.equal((await api.call('GET', path)).json.code, 'event_not_found');
  const both = await api.call('POST', '/v1/webhook-events', {
    headers: { 'Team-Id': 'default' },
    body: { ...body, team_id: 'team_c' },
  });
  assert.equal(both.json.code, 'validation_failed');
  const nobody = await api.call('POST', '/v1/webhook-events', { body: { ...body, team_id: 'nobody' } });
  assert.equal(nobody.json.code, 'team_not_found');
});

test('a team id that is taken answers 409 team_exists', async () => {
  const answer = await api.call('POST', '/v1/teams', { body: { id: 'default', name: 'Again' } });
  assert.equal(answer.status, 409);
  assert.equal(answer.json.code, 'team_exists');
});
