import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Api, startApi } from './api.ts';
import { publishable } from './samples.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api[Symbol.asyncDispose]());

for (const path of ['/webhook-events.json', '/openapi.json']) {
  test(`${path} is public, readable from any origin, cacheable, with a strong ETag that answers 304`, async () => {
    const first = await api.call('GET', path, { token: null, headers: { 'Accept-Encoding': 'identity' } });
    assert.equal(first.status, 200);
    assert.equal(first.headers.get('access-control-allow-origin'), '*');
    assert.match(first.headers.get('cache-control') ?? '', /public, max-age=\d+/);
    const etag = first.headers.get('etag') ?? '';
    assert.match(etag, /^"[^"]+"$/);
    for (const tag of [etag, `"other", W/${etag}`, '*']) {
      const again = await api.call('GET', path, { token: null, headers: { 'If-None-Match': tag } });
      assert.equal(again.status, 304, tag);
      assert.equal(again.text, '');
    }
    const changed = await api.call('GET', path, { token: null, headers: { 'If-None-Match': '"other"' } });
    assert.equal(changed.status, 200);
  });

  test(`${path} is compressed as the caller accepts it, each form under its own ETag`, async () => {
    const tags = new Set<string | null>();
    const texts = new Set<string>();
    for (const [accepted, encoding] of [
      ['identity', null],
      ['gzip', 'gzip'],
      ['gzip, br', 'br'],
      ['br;q=0, gzip', 'gzip'],
    ] as const) {
      const answer = await api.call('GET', path, { token: null, headers: { 'Accept-Encoding': accepted } });
      assert.equal(answer.headers.get('content-encoding'), encoding, accepted);
      assert.equal(answer.headers.get('vary'), 'Accept-Encoding');
      tags.add(answer.headers.get('etag'));
      texts.add(answer.text);
    }
    assert.equal(tags.size, 3);
    assert.equal(texts.size, 1);
  });

  test(`${path} tells a browser's preflight that it may send If-None-Match`, async () => {
    const answer = await api.call('OPTIONS', path, { token: null });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.match(answer.headers.get('access-control-allow-headers') ?? '', /If-None-Match/);
  });
}

test('health and readiness are public', async () => {
  assert.deepEqual((await api.call('GET', '/healthz', { token: null })).json.status, 'ok');
  assert.deepEqual((await api.call('GET', '/readyz', { token: null })).json, { status: 'ready' });
});

test('every event type of the catalog is listed and can be read; an unknown one answers 404 event_type_not_found', async () => {
  const list = await api.call('GET', '/v1/event-types');
  assert.equal(list.json.data.length, api.hookloom.catalog.types.size);
  assert.equal(list.json.next_cursor, null);
  const { type } = publishable(api);
  const one = await api.call('GET', `/v1/event-types/${type.name}`);
  assert.deepEqual(
    one.json.data,
    list.json.data.find((other: { name: string }) => other.name === type.name),
  );
  const core = await api.call('GET', `/v1/event-types?set=core&family=${type.family}`);
  assert.ok(core.json.data.length > 0);
  for (const other of core.json.data) assert.deepEqual([other.family, other.set], [type.family, 'core']);
  const unknown = await api.call('GET', `/v1/event-types/${type.name}x`);
  assert.equal(unknown.status, 404);
  assert.equal(unknown.json.code, 'event_type_not_found');
  assert.match(unknown.json.detail, new RegExp(type.name));
});

test('the schema of every event type compiles alone and accepts the samples that are served', async () => {
  for (const name of api.hookloom.catalog.types.keys()) {
    const schema = await api.call('GET', `/v1/event-types/${name}/schema`);
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(schema.json);
    const samples = await api.call('GET', `/v1/event-types/${name}/samples`);
    assert.ok(samples.json.data.length > 0, name);
    for (const sample of samples.json.data)
      assert.ok(validate(sample.data), `${name}: ${JSON.stringify(validate.errors)}`);
  }
});
