import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../support/until.ts';
import { type Answer, type Api, startApi } from './api.ts';

let api: Api;
/** An endpoint to which nothing can be delivered, because it is paused. */
let id: string;
const SINCE = '2026-01-01T00:00:00Z';

before(async () => {
  api = await startApi();
  id = await add();
});
after(() => api[Symbol.asyncDispose]());

async function add(): Promise<string> {
  const body = { url: `${api.url}/nowhere`, events: ['*'] };
  const made = await api.call('POST', '/v1/webhook-endpoints', { body });
  const paused = await api.call('PATCH', `/v1/webhook-endpoints/${made.json.data.id}`, { body: { state: 'paused' } });
  assert.equal(paused.status, 200, paused.text);
  return made.json.data.id;
}

const replay = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  api.call('POST', `/v1/webhook-endpoints/${id}/replays`, { body, headers });

test('a replay is answered with 202, where it is, and what it will do', async () => {
  const made = await replay({ since: SINCE });
  assert.equal(made.status, 202, made.text);
  const { data } = made.json;
  assert.deepEqual(
    [data.state, data.endpoint_id, data.since, data.events, data.statuses, data.created, data.finished_at],
    ['running', id, '2026-01-01T00:00:00.000Z', null, ['missed'], 0, null],
  );
  assert.ok(Date.parse(data.until) <= Date.now());
  const location = made.headers.get('location') ?? '';
  assert.equal(location, `${api.url}/v1/webhook-endpoints/${id}/replays/${data.id}`);
  assert.deepEqual((await api.call('GET', location.replace(api.url, ''))).json.data, data);
});

test('what cannot be replayed is refused with its code', async () => {
  const refusals: [object, string, string | undefined][] = [
    [{}, 'validation_failed', '/since'],
    [{ since: 'yesterday' }, 'validation_failed', '/since'],
    [{ since: '2999-01-01T00:00:00Z' }, 'validation_failed', '/since'],
    [{ since: SINCE, until: SINCE }, 'validation_failed', '/since'],
    [{ since: SINCE, statuses: [] }, 'validation_failed', '/statuses'],
    [{ since: SINCE, statuses: ['pending'] }, 'validation_failed', '/statuses/0'],
    [{ since: SINCE, events: ['membre.*'] }, 'event_type_unknown', '/events/0'],
    [{ since: SINCE, events: ['webhook.test'] }, 'event_type_system', '/events/0'],
  ];
  for (const [body, code, pointer] of refusals) {
    const { status, json } = await replay(body);
    assert.deepEqual([status, json.code, json.errors?.[0]?.pointer], [422, code, pointer], JSON.stringify(body));
  }
});

test('what is not there is 404, and another team’s replay is not there', async () => {
  const { id: made } = (await replay({ since: SINCE })).json.data;
  await api.call('POST', '/v1/teams', { body: { id: 'other', name: 'Other' } });
  const other = { 'Team-Id': 'other' };
  const paths: [string, string, string, Record<string, string>?][] = [
    ['POST', '/v1/webhook-endpoints/ep_none/replays', 'endpoint_not_found'],
    ['GET', '/v1/webhook-endpoints/ep_none/replays', 'endpoint_not_found'],
    ['GET', `/v1/webhook-endpoints/${id}/replays/rpl_none`, 'replay_not_found'],
    ['GET', `/v1/webhook-endpoints/ep_none/replays/${made}`, 'replay_not_found'],
    ['POST', `/v1/webhook-endpoints/${id}/replays/rpl_none/cancel`, 'replay_not_found'],
    ['GET', `/v1/webhook-endpoints/${id}/replays/${made}`, 'replay_not_found', other],
    ['POST', `/v1/webhook-endpoints/${id}/replays/${made}/cancel`, 'replay_not_found', other],
    ['GET', `/v1/webhook-endpoints/${id}/replays`, 'endpoint_not_found', other],
  ];
  for (const [method, path, code, headers = {}] of paths) {
    const body = method === 'POST' && !path.endsWith('cancel') ? { since: SINCE } : undefined;
    const answer = await api.call(method, path, { body, headers });
    assert.deepEqual([answer.status, answer.json.code], [404, code], `${method} ${path}`);
  }
});

test('replays are made and cancelled by who manages endpoints, and read by who reads deliveries', async () => {
  const { id: made } = (await replay({ since: SINCE })).json.data;
  const { token: manager } = await api.makeToken(['webhook-endpoint:manage']);
  const { token: reader } = await api.makeToken(['webhook-delivery:read']);
  const base = `/v1/webhook-endpoints/${id}/replays`;
  const statuses = async (token: string) => [
    (await api.call('POST', base, { token, body: { since: SINCE } })).status,
    (await api.call('GET', base, { token })).status,
    (await api.call('GET', `${base}/${made}`, { token })).status,
    (await api.call('POST', `${base}/${made}/cancel`, { token })).status,
  ];
  assert.deepEqual(await statuses(manager), [202, 403, 403, 200]);
  assert.deepEqual(await statuses(reader), [403, 200, 200, 403]);
});

test('a request that is repeated under its Idempotency-Key makes one replay', async () => {
  const body = { since: SINCE, events: ['team.*'] };
  const first = await replay(body, { 'Idempotency-Key': 'once' });
  const again = await replay(body, { 'Idempotency-Key': 'once' });
  assert.equal(again.json.data.id, first.json.data.id);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
});

test('an endpoint’s replays are listed page by page, newest first, also after it was deleted', async () => {
  const own = await add();
  const base = `/v1/webhook-endpoints/${own}/replays`;
  const made: string[] = [];
  for (let index = 0; index < 3; index += 1)
    made.unshift((await api.call('POST', base, { body: { since: SINCE } })).json.data.id);
  const first = await api.call('GET', `${base}?limit=2`);
  const rest = await api.call('GET', `${base}?limit=2&cursor=${first.json.next_cursor}`);
  const listed = [...first.json.data, ...rest.json.data].map((one) => one.id);
  assert.deepEqual([listed, rest.json.next_cursor], [made, null]);
  assert.equal((await api.call('DELETE', `/v1/webhook-endpoints/${own}`)).status, 204);
  const after = await api.call('GET', base);
  assert.deepEqual(
    after.json.data.map((one: { id: string; state: string }) => [one.id, one.state]),
    made.map((one) => [one, 'cancelled']),
  );
});

test('a replay is cancelled once and for all; one that is done stays done', async () => {
  const running = (await replay({ since: SINCE })).json.data;
  const cancel = (one: string) => api.call('POST', `/v1/webhook-endpoints/${id}/replays/${one}/cancel`);
  const cancelled = await cancel(running.id);
  assert.deepEqual([cancelled.status, cancelled.json.data.state], [200, 'cancelled']);
  assert.ok(cancelled.json.data.finished_at !== null);
  assert.deepEqual((await cancel(running.id)).json, cancelled.json);

  const own = await add();
  await api.call('PATCH', `/v1/webhook-endpoints/${own}`, { body: { state: 'active' } });
  const base = `/v1/webhook-endpoints/${own}/replays`;
  const empty = (await api.call('POST', base, { body: { since: SINCE } })).json.data;
  const read = async () => (await api.call('GET', `${base}/${empty.id}`)).json.data;
  await until(async () => (await read()).state === 'done', 'the replay of nothing to be done');
  assert.equal((await read()).progress, 1);
  assert.equal((await api.call('POST', `${base}/${empty.id}/cancel`)).json.data.state, 'done');
});
