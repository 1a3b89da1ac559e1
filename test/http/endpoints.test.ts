import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Api, startApi } from './api.ts';
import { DEAD_TARGET, publishable } from './samples.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api[Symbol.asyncDispose]());

const create = (more: object = {}) =>
  api.call('POST', '/v1/webhook-endpoints', { body: { url: DEAD_TARGET, events: ['*'], ...more } });
const patch = (id: string, body: object) => api.call('PATCH', `/v1/webhook-endpoints/${id}`, { body });
const publish = async () => (await api.call('POST', '/v1/webhook-events', { body: publishable(api).body })).json;
const deliveriesTo = async (id: string) =>
  (await api.call('GET', `/v1/webhook-deliveries?endpoint_id=${id}`)).json.data as { id: string; status: string }[];

test('an endpoint is created with its secret shown once, an absolute Location, and defaults', async () => {
  const made = await create({ name: 'Books', headers: { Authorization: 'Bearer s3cret' } });
  assert.equal(made.status, 201);
  assert.match(made.json.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  const { data } = made.json;
  assert.equal(made.headers.get('location'), `${api.url}/v1/webhook-endpoints/${data.id}`);
  const read = await api.call('GET', `/v1/webhook-endpoints/${data.id}`);
  assert.deepEqual(read.json.data, data);
  assert.ok(!read.text.includes(made.json.secret));
  assert.ok(!read.text.includes('s3cret'));
  assert.deepEqual(data.headers, { Authorization: '***' });
  assert.deepEqual(
    [data.kind, data.state, data.is_active, data.dialect, data.retry_policy, data.timeout_ms],
    ['endpoint', 'active', true, 'standard', 'standard', 10_000],
  );
  const vendor = await create({ dialect: 'memberpass' });
  assert.equal(vendor.json.data.retry_policy, 'memberpass');
});

test('what an endpoint cannot be is refused with 422 and a code of its own', async () => {
  const reserved = [...api.hookloom.catalog.types.values()].find((type) => type.status === 'reserved');
  for (const [more, code, pointer] of [
    [{ url: 'ftp://example.net/' }, 'target_refused', '/url'],
    [{ url: 'http://10.0.0.1/' }, 'target_refused', '/url'],
    [{ url: 'not a url' }, 'target_invalid', '/url'],
    [{ url: `https://example.net/${'x'.repeat(2048)}` }, 'validation_failed', '/url'],
    [{ events: ['*', 'no.such'] }, 'event_type_unknown', '/events/1'],
    [{ events: ['nosuch.*'] }, 'event_type_unknown', '/events/0'],
    [{ events: ['webhook.test'] }, 'event_type_system', '/events/0'],
    [{ events: [reserved?.name] }, 'event_type_reserved', '/events/0'],
    [{ events: [] }, 'validation_failed', '/events'],
    [{ filters: { nothing: ['x'] } }, 'filter_unknown', '/filters/nothing'],
    [{ filters: { plan: 'x' } }, 'validation_failed', '/filters/plan'],
    [{ dialect: 'standart' }, 'dialect_unknown', '/dialect'],
    [{ retry_policy: 'never' }, 'retry_policy_unknown', '/retry_policy'],
    [{ headers: { Host: 'x' } }, 'header_refused', '/headers/Host'],
    [{ headers: { 'Webhook-Signature': 'x' } }, 'header_refused', '/headers/Webhook-Signature'],
    [{ headers: { 'X-A': 'a\r\nX-B: b' } }, 'header_refused', '/headers/X-A'],
    [{ headers: { 'X A': 'a' } }, 'header_refused', '/headers/X A'],
    [{ timeout_ms: 60_000 }, 'validation_failed', '/timeout_ms'],
    [{ secret: 'whsec_x' }, 'validation_failed', '/secret'],
  ] as const) {
    const answer = await create(more);
    assert.equal(answer.status, 422, JSON.stringify(more));
    assert.equal(answer.json.code, code, JSON.stringify(more));
    assert.equal(answer.json.errors[0].pointer, pointer);
  }
});

test('a mistyped event type is answered with the nearest names', async () => {
  const { type } = publishable(api);
  const answer = await create({ events: [`${type.name}x`] });
  assert.match(answer.json.detail, new RegExp(`Did you mean "${type.name}"`));
});

test('patterns given twice count once, and filters may be any that a subscribed type has', async () => {
  const type = [...api.hookloom.catalog.types.values()].find(
    (one) => one.publishable && Object.keys(one.filters).length > 0,
  );
  assert.ok(type);
  const filters = { [Object.keys(type.filters)[0] ?? '']: ['a', 'b'] };
  const made = await create({ events: [type.name, `${type.family}.*`, type.name], filters });
  assert.deepEqual(made.json.data.events, [type.name, `${type.family}.*`]);
  assert.deepEqual(made.json.data.filters, filters);
});

test('a change writes the fields given and leaves the others', async () => {
  const { data } = (await create({ name: 'Old', headers: { 'X-A': 'secret-a', 'X-B': 'secret-b' } })).json;
  const changed = await patch(data.id, { name: null, headers: { 'x-a': '***', 'X-C': 'c' }, timeout_ms: 2000 });
  assert.equal(changed.status, 200);
  assert.deepEqual(changed.json.data, {
    ...data,
    name: null,
    headers: { 'x-a': '***', 'X-C': '***' },
    timeout_ms: 2000,
    updated_at: changed.json.data.updated_at,
  });
  const kept = await patch(data.id, { headers: { 'X-B': '***' } });
  assert.equal(kept.json.code, 'header_refused');
  assert.equal((await patch(data.id, {})).json.code, 'validation_failed');
  assert.equal((await patch(data.id, { url: 'https://10.0.0.1/' })).json.code, 'target_refused');
});

test('an endpoint that is not there answers 404 endpoint_not_found', async () => {
  for (const [method, path] of [
    ['GET', ''],
    ['PATCH', ''],
    ['POST', '/test'],
    ['POST', '/rotate-secret'],
  ] as const) {
    const body = method === 'PATCH' ? { name: 'x' } : undefined;
    const answer = await api.call(method, `/v1/webhook-endpoints/ep_nothing${path}`, { body });
    assert.equal(answer.status, 404);
    assert.equal(answer.json.code, 'endpoint_not_found');
  }
});

test('a change of events or project changes which events come, from the next one on', async () => {
  const { type } = publishable(api);
  const { id } = (await create({ project_id: 'prj_1' })).json.data;
  await publish();
  assert.equal((await deliveriesTo(id)).length, 1);
  await patch(id, { project_id: 'prj_other' });
  await publish();
  assert.equal((await deliveriesTo(id)).length, 1);
  const other = [...api.hookloom.catalog.types.values()].find((one) => one.publishable && one.family !== type.family);
  await patch(id, { project_id: null, events: [`${other?.family}.*`] });
  await publish();
  assert.equal((await deliveriesTo(id)).length, 1);
  await patch(id, { events: [type.name] });
  await publish();
  assert.equal((await deliveriesTo(id)).length, 2);
});

test('pausing holds what waits and what comes, activating releases it, deleting cancels it and keeps the history', async () => {
  const { id } = (await create()).json.data;
  await publish();
  const paused = await patch(id, { state: 'paused' });
  assert.deepEqual([paused.json.data.state, paused.json.data.is_active], ['paused', false]);
  await publish();
  assert.deepEqual(new Set((await deliveriesTo(id)).map((one) => one.status)), new Set(['held']));
  const [held] = await deliveriesTo(id);
  const retry = await api.call('POST', `/v1/webhook-deliveries/${held?.id}/retry`);
  assert.equal(retry.status, 409);
  assert.equal(retry.json.code, 'endpoint_not_active');
  await patch(id, { state: 'active' });
  const released = new Set((await deliveriesTo(id)).map((one) => one.status));
  assert.ok(!released.has('held'));
  await patch(id, { state: 'paused' });
  assert.equal((await api.call('DELETE', `/v1/webhook-endpoints/${id}`)).status, 204);
  const after = await deliveriesTo(id);
  assert.deepEqual(
    after.map((one) => one.status),
    ['cancelled', 'cancelled'],
  );
  const gone = await api.call('POST', `/v1/webhook-deliveries/${after[0]?.id}/retry`);
  assert.equal(gone.json.code, 'endpoint_gone');
  assert.equal((await api.call('DELETE', `/v1/webhook-endpoints/${id}`)).status, 404);
});

test('a rotated secret is new, and the old one is valid for as long as asked', async () => {
  const made = (await create()).json;
  const path = `/v1/webhook-endpoints/${made.data.id}/rotate-secret`;
  const before = Date.now();
  const rotated = await api.call('POST', path);
  assert.equal(rotated.status, 200);
  assert.notEqual(rotated.json.secret, made.secret);
  const until = Date.parse(rotated.json.data.old_secret_valid_until);
  assert.ok(until >= before + 86_400_000 && until <= Date.now() + 86_400_000);
  const atOnce = await api.call('POST', path, { body: { old_secret_valid_for: 0 } });
  assert.equal(atOnce.json.data.old_secret_valid_until, null);
  const tooLong = await api.call('POST', path, { body: { old_secret_valid_for: 604_801 } });
  assert.equal(tooLong.json.code, 'validation_failed');
});

test('a failed delivery that is retried is due now, and stays the same delivery', async () => {
  const { id } = (await create()).json.data;
  const event = await publish();
  const path = `/v1/webhook-deliveries?endpoint_id=${id}&event_id=${event.data.id}`;
  let delivery = (await api.call('GET', path)).json.data[0];
  for (let tries = 0; delivery.status !== 'failed' && tries < 400; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    delivery = (await api.call('GET', path)).json.data[0];
  }
  assert.equal(delivery.status, 'failed');
  assert.equal(delivery.last_attempt.number, 1);
  assert.ok(Date.parse(delivery.next_attempt_at) > Date.now());
  const retried = await api.call('POST', `/v1/webhook-deliveries/${delivery.id}/retry`);
  assert.equal(retried.status, 202);
  assert.equal(retried.json.data.id, delivery.id);
  assert.ok(Date.parse(retried.json.data.next_attempt_at) <= Date.now());
  const full = await api.call('GET', `/v1/webhook-deliveries/${delivery.id}`);
  assert.equal(full.json.data.attempts[0].number, 1);
  assert.equal((await api.call('POST', '/v1/webhook-deliveries/dlv_nothing/retry')).json.code, 'delivery_not_found');
  await api.call('DELETE', `/v1/webhook-endpoints/${id}`);
});

test('lists of endpoints page by cursor and filter by kind and state', async () => {
  for (const row of (await api.call('GET', '/v1/webhook-endpoints?limit=100')).json.data)
    await api.call('DELETE', `/v1/webhook-endpoints/${row.id}`);
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) ids.unshift((await create()).json.data.id);
  const hook = await api.call('POST', '/v1/webhook-subscriptions', { body: { url: DEAD_TARGET, event: '*' } });
  await patch(ids[1] ?? '', { state: 'paused' });
  const list = async (query: string) => (await api.call('GET', `/v1/webhook-endpoints?${query}`)).json;
  const idsOf = (page: { data: { id: string }[] }) => page.data.map((row) => row.id);
  assert.deepEqual(idsOf(await list('')), [hook.json.data.id, ...ids]);
  assert.deepEqual(idsOf(await list('kind=endpoint')), ids);
  assert.deepEqual(idsOf(await list('state=paused')), [ids[1]]);
  const first = await list('limit=3');
  await create();
  assert.deepEqual(idsOf(await list(`limit=3&cursor=${first.next_cursor}`)), [ids[2]]);
});
