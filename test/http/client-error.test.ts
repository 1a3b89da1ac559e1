import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type Api, startApi } from './api.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api[Symbol.asyncDispose]());

/** Sends bytes as they are and answers with all that comes back. */
function exchange(bytes: string): Promise<string> {
  const { hostname, port } = new URL(api.hookloom.url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

test('what is not HTTP answers 400 malformed_request, as a problem with a request id', async () => {
  const answer = await exchange('GET /healthz HTTP/9.9\r\nnonsense\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.match(answer, /\r\nContent-Type: application\/problem\+json\r\n/);
  const { code, request_id } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Record<string, string>;
  assert.equal(code, 'malformed_request');
  assert.ok(answer.includes(`\r\nRequest-Id: ${request_id}\r\n`));
});

test('headers of more than 16 KB answer 431 headers_too_large', async () => {
  const answer = await exchange(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 431 /);
  assert.match(answer, /"code":"headers_too_large"/);
});

test('an expectation that nobody knows is no reason to refuse', async () => {
  const answer = await exchange('GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: more\r\nConnection: close\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 200 /);
});
