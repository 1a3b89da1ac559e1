import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type Api, startApi } from './api.ts';
import { DEAD_TARGET, publishable } from './samples.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api[Symbol.asyncDispose]());

const endpoint = { url: DEAD_TARGET, events: ['*'] };

test('a path that is not there answers 404 route_not_found as a problem with the request id', async () => {
  const answer = await api.call('GET', '/v1/nothing');
  assert.equal(answer.status, 404);
  assert.equal(answer.json.code, 'route_not_found');
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  assert.equal(answer.json.request_id, answer.headers.get('request-id'));
  assert.equal(answer.json.type, 'urn:hookloom:problem:route_not_found');
});

test('a method that a path does not have answers 405 method_not_allowed with Allow', async () => {
  const answer = await api.call('PUT', '/v1/webhook-endpoints', { body: {} });
  assert.equal(answer.status, 405);
  assert.equal(answer.json.code, 'method_not_allowed');
  assert.equal(answer.headers.get('allow'), 'POST, GET, HEAD, OPTIONS');
});

test("the caller's request id is carried through when it is sane, and replaced when it is not", async () => {
  const own = await api.call('GET', '/healthz', { headers: { 'X-Request-Id': 'abc-123' } });
  assert.equal(own.headers.get('request-id'), 'abc-123');
  const insane = await api.call('GET', '/healthz', { headers: { 'Request-Id': 'a b"c' } });
  assert.match(insane.headers.get('request-id') ?? '', /^req_/);
});

test('replies do not name the framework and carry no weak ETag', async () => {
  const { headers } = await api.call('GET', '/healthz');
  assert.equal(headers.get('x-powered-by'), null);
  assert.equal(headers.get('etag'), null);
});

test('an idle connection is kept for longer than the 60 s of usual proxies', async () => {
  const answer = await api.call('GET', '/healthz');
  const [, seconds] = /^timeout=(\d+)$/.exec(answer.headers.get('keep-alive') ?? '') ?? [];
  assert.ok(Number(seconds) > 60, `${answer.headers.get('keep-alive')}`);
});

test('a body that is not JSON answers 400 malformed_json', async () => {
  for (const body of ['{"type":', 'nonsense', '', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]) {
    const answer = await api.call('POST', '/v1/webhook-events', { body });
    assert.equal(answer.status, 400);
    assert.equal(answer.json.code, 'malformed_json');
  }
});

test('a body of another type, charset or encoding answers 415 unsupported_media_type', async () => {
  for (const headers of [
    { 'Content-Type': 'text/plain' },
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    { 'Content-Type': 'application/json; charset=latin1' },
    { 'Content-Encoding': 'gzip' },
  ] as Record<string, string>[]) {
    const answer = await api.call('POST', '/v1/webhook-events', { body: '{}', headers });
    assert.equal(answer.status, 415, JSON.stringify(headers));
    assert.equal(answer.json.code, 'unsupported_media_type');
  }
});

test('a body over 1 MB answers 413 body_too_large, and the connection can be used again', async () => {
  const answer = await api.call('POST', '/v1/webhook-events', {
    body: { type: 'x', data: { x: 'x'.repeat(1_048_577) } },
  });
  assert.equal(answer.status, 413);
  assert.equal(answer.json.code, 'body_too_large');
  assert.equal((await api.call('GET', '/v1/teams/current')).status, 200);
});

test('a body over 1 MB that is sent in chunks answers 413 body_too_large', async () => {
  const { port } = new URL(api.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    'POST /v1/webhook-events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer operator-token-of-the-tests-0123456789\r\n' +
      'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  const chunk = 'x'.repeat(65_536);
  for (let sent = 0; sent <= 17; sent += 1) socket.write(`10000\r\n${chunk}\r\n`);
  socket.write('0\r\n\r\n');
  const reply = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
  socket.destroy();
  assert.match(reply, /^HTTP\/1.1 413 /);
  assert.match(reply, /body_too_large/);
});

test('an unknown field answers 422 validation_failed with the nearest name', async () => {
  const answer = await api.call('POST', '/v1/webhook-endpoints', { body: { ...endpoint, projectid: 'prj_1' } });
  assert.equal(answer.status, 422);
  assert.equal(answer.json.code, 'validation_failed');
  assert.equal(answer.json.errors[0].pointer, '/projectid');
  assert.match(answer.json.errors[0].message, /did you mean "project_id"/);
});

test('every field at fault is listed by its JSON pointer under 422 validation_failed', async () => {
  const answer = await api.call('POST', '/v1/webhook-endpoints', { body: { events: [1], timeout_ms: 5, name: '' } });
  assert.equal(answer.json.code, 'validation_failed');
  const pointers = answer.json.errors.map((fault: { pointer: string }) => fault.pointer).sort();
  assert.deepEqual(pointers, ['/events/0', '/name', '/timeout_ms', '/url']);
});

test('a body that is JSON but no object answers 422 validation_failed', async () => {
  for (const body of ['[]', '"text"', '5', 'null']) {
    const answer = await api.call('POST', '/v1/webhook-endpoints', { body });
    assert.equal(answer.status, 422, body);
    assert.equal(answer.json.code, 'validation_failed');
  }
});

test('ten thousand unknown fields answer 422 validation_failed', async () => {
  const body = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`field_${index}`, 1]));
  const answer = await api.call('POST', '/v1/webhook-endpoints', { body });
  assert.equal(answer.status, 422);
  assert.equal(answer.json.code, 'validation_failed');
});

test('an unknown query parameter answers 400 parameter_unknown with the nearest name', async () => {
  const answer = await api.call('GET', '/v1/webhook-deliveries?endpointid=ep_1');
  assert.equal(answer.status, 400);
  assert.equal(answer.json.code, 'parameter_unknown');
  assert.match(answer.json.detail, /did you mean "endpoint_id"/);
});

test('a parameter with a wrong value, or given twice, answers 400 parameter_invalid and names it', async () => {
  for (const [query, name] of [
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=many', 'limit'],
    ['status=sent', 'status'],
    ['status=dead&status=held', 'status'],
    ['endpoint_id=%00', 'endpoint_id'],
  ]) {
    const answer = await api.call('GET', `/v1/webhook-deliveries?${query}`);
    assert.equal(answer.status, 400, query);
    assert.equal(answer.json.code, 'parameter_invalid');
    assert.equal(answer.json.errors[0].pointer, name);
  }
  const broken = await api.call('GET', '/v1/webhook-endpoints/%zz');
  assert.equal(broken.json.code, 'parameter_invalid');
});

test('an empty query parameter counts as absent', async () => {
  const { type } = publishable(api);
  const answer = await api.call('GET', `/v1/event-types/${type.name}/samples?project_id=&filters=&limit=`);
  assert.equal(answer.status, 200);
});

test('a cursor that the list did not give answers 400 cursor_invalid', async () => {
  const foreign = Buffer.from('tokens tok_1').toString('base64url');
  for (const list of ['webhook-events', 'webhook-endpoints', 'webhook-subscriptions', 'webhook-deliveries'])
    for (const cursor of ['x', 'a'.repeat(400), foreign]) {
      const answer = await api.call('GET', `/v1/${list}?cursor=${cursor}`);
      assert.equal(answer.status, 400, list);
      assert.equal(answer.json.code, 'cursor_invalid');
    }
});

test('HEAD answers what GET does, without a body', async () => {
  const answer = await api.call('HEAD', '/v1/teams/current');
  assert.equal(answer.status, 200);
  assert.equal(answer.text, '');
});

test('a deeply nested body gets an answer, not a fault of the server', async () => {
  const { body } = publishable(api);
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const text = JSON.stringify({ ...body, data: {} }).replace('"data":{}', `"data":{"x":${deep}}`);
  const answer = await api.call('POST', '/v1/webhook-events', { body: text });
  assert.equal(answer.status, 422);
});
