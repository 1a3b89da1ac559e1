import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { caller } from './caller.ts';
import { startContractProxy } from './contract-proxy.ts';

test('the second judge of the contract lets right replies through, and no wrong one', async () => {
  let body: object = { status: 'ok', version: '1' };
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'application/json').setHeader('Request-Id', 'req_1').end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using proxy = await startContractProxy(url);
  const call = proxy.judged(caller(proxy.url), caller(url));
  assert.deepEqual((await call('GET', '/healthz')).json, body);
  body = { status: 'ok' };
  await assert.rejects(call('GET', '/healthz'), /GET \/healthz breaks the contract: .*version/);
  server.closeAllConnections();
  server.close();
});
