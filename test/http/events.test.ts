import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Api, startApi } from './api.ts';
import { DEAD_TARGET, publishable } from './samples.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api[Symbol.asyncDispose]());

test('a published event answers 202 with its envelope, and reads back the same', async () => {
  const { body } = publishable(api);
  const published = await api.call('POST', '/v1/webhook-events', { body: { ...body, id: 'own-1' } });
  assert.equal(published.status, 202);
  assert.equal(published.json.data.id, 'own-1');
  assert.equal(published.json.deliveries, 0);
  const read = await api.call('GET', '/v1/webhook-events/own-1');
  assert.deepEqual(read.json.data, published.json.data);
  assert.equal(read.json.is_test, false);
});

test('an event that is not there answers 404 event_not_found', async () => {
  const answer = await api.call('GET', '/v1/webhook-events/nothing');
  assert.equal(answer.status, 404);
  assert.equal(answer.json.code, 'event_not_found');
});

test('an id, a time or a project id of the wrong form answers 422 validation_failed', async () => {
  const { body } = publishable(api);
  for (const wrong of [
    { id: 'with.dot' },
    { id: 'x'.repeat(65) },
    { created_at: 'yesterday' },
    { created_at: '2026-05-01T08:00:00' },
    { project_id: '' },
    { data: [] },
  ]) {
    const answer = await api.call('POST', '/v1/webhook-events', { body: { ...body, ...wrong } });
    assert.equal(answer.status, 422, JSON.stringify(wrong));
    assert.equal(answer.json.code, 'validation_failed');
    assert.equal(answer.json.errors[0].pointer, `/${Object.keys(wrong)[0]}`);
  }
});

test('events are listed newest first, and a page is not shifted by events published meanwhile', async () => {
  const { body } = publishable(api);
  const mine = { ...body, project_id: 'prj_pages' };
  const publish = async () => (await api.call('POST', '/v1/webhook-events', { body: mine })).json.data.id as string;
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) ids.push(await publish());
  const first = await api.call('GET', '/v1/webhook-events?project_id=prj_pages&limit=2');
  await publish();
  const second = await api.call(
    'GET',
    `/v1/webhook-events?project_id=prj_pages&limit=2&cursor=${first.json.next_cursor}`,
  );
  const third = await api.call(
    'GET',
    `/v1/webhook-events?project_id=prj_pages&limit=2&cursor=${second.json.next_cursor}`,
  );
  const seen = [first, second, third].flatMap((page) => page.json.data.map((event: { id: string }) => event.id));
  assert.deepEqual(seen, ids.reverse());
  assert.equal(third.json.next_cursor, null);
});

test('a caller’s own created_at does not move an event in the list', async () => {
  const { body } = publishable(api);
  const of = (created_at: string) => ({ ...body, project_id: 'prj_time', created_at });
  await api.call('POST', '/v1/webhook-events', { body: of('2031-01-01T00:00:00Z') });
  const later = await api.call('POST', '/v1/webhook-events', { body: of('2001-01-01T00:00:00Z') });
  const list = await api.call('GET', '/v1/webhook-events?project_id=prj_time');
  assert.equal(list.json.data[0].id, later.json.data.id);
});

test('test events are listed apart', async () => {
  const endpoint = await api.call('POST', '/v1/webhook-endpoints', { body: { url: DEAD_TARGET, events: ['*'] } });
  const sent = await api.call('POST', `/v1/webhook-endpoints/${endpoint.json.data.id}/test`);
  assert.equal(sent.status, 202);
  const id = sent.json.data.event_id;
  const ids = async (query: string) =>
    (await api.call('GET', `/v1/webhook-events?limit=100${query}`)).json.data.map((event: { id: string }) => event.id);
  assert.ok(!(await ids('')).includes(id));
  assert.ok((await ids('&is_test=true')).includes(id));
  await api.call('DELETE', `/v1/webhook-endpoints/${endpoint.json.data.id}`);
});

test('samples are the catalog’s until there are real events, then the latest of those, in the live shape', async () => {
  const { type, sample } = publishable(api, 'team');
  const path = `/v1/event-types/${type.name}/samples`;
  assert.deepEqual((await api.call('GET', path)).json.data, type.samples.slice(0, 3));
  const body = { type: type.name, data: sample.data };
  const published: unknown[] = [];
  for (let count = 0; count < 4; count += 1)
    published.unshift((await api.call('POST', '/v1/webhook-events', { body })).json.data);
  assert.deepEqual((await api.call('GET', path)).json.data, published.slice(0, 3));
  assert.deepEqual((await api.call('GET', `${path}?limit=1`)).json.data, published.slice(0, 1));
});

test('a test with a type’s sample is not a sample of that type', async () => {
  const { type } = publishable(api);
  const unpublished = [...api.hookloom.catalog.types.values()].findLast((one) => one.publishable && one !== type);
  assert.ok(unpublished);
  const endpoint = await api.call('POST', '/v1/webhook-endpoints', { body: { url: DEAD_TARGET, events: ['*'] } });
  const id = endpoint.json.data.id;
  const sent = await api.call('POST', `/v1/webhook-endpoints/${id}/test`, { body: { type: unpublished.name } });
  assert.equal(sent.status, 202);
  const samples = await api.call('GET', `/v1/event-types/${unpublished.name}/samples`);
  assert.deepEqual(samples.json.data, unpublished.samples.slice(0, 3));
  await api.call('DELETE', `/v1/webhook-endpoints/${id}`);
});

test('samples can be narrowed by project and filters; filters that are no JSON answer 400 parameter_invalid', async () => {
  const type = [...api.hookloom.catalog.types.values()].find(
    (one) => one.publishable && one.scope === 'project' && Object.keys(one.filters).length > 0,
  );
  const sample = type?.samples[0];
  assert.ok(type && sample);
  const [field = ''] = Object.keys(type.filters);
  const value = String(type.filterValue(field, sample.data));
  const body = { type: type.name, data: sample.data, project_id: 'prj_narrow' };
  const { id } = (await api.call('POST', '/v1/webhook-events', { body })).json.data;
  const ids = async (query: string) =>
    (await api.call('GET', `/v1/event-types/${type.name}/samples?${query}`)).json.data.map(
      (one: { id: string }) => one.id,
    );
  const json = (filters: object) => encodeURIComponent(JSON.stringify(filters));
  assert.deepEqual(await ids(`project_id=prj_narrow&filters=${json({ [field]: ['other', value] })}`), [id]);
  assert.ok(!(await ids(`filters=${json({ [field]: ['other'] })}`)).includes(id));
  assert.ok(!(await ids('project_id=prj_other')).includes(id));
  const broken = await api.call('GET', `/v1/event-types/${type.name}/samples?filters={`);
  assert.equal(broken.json.code, 'parameter_invalid');
});
