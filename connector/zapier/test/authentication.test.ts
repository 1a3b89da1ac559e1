import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import app from '../src/index.ts';
import { runMethod } from './support/run-app.ts';
import { startServer, type TestServer } from './support/server.ts';

describe('a connection', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  const connect = (base_url: string, token = server.connectorToken) =>
    runMethod<{ id: string; name: string }>(app, 'authentication.test', { authData: { base_url, token } });

  test('is tested by reading the team that the token acts for', async () => {
    assert.deepEqual(await connect(server.url), { id: 'default', name: 'Default' });
  });

  test('is labelled with the team’s name', async () => {
    const inputData = await connect(server.url);
    assert.equal(await runMethod(app, 'authentication.connectionLabel', { inputData: { ...inputData } }), 'Default');
  });

  test('takes an address with a slash at its end, and blanks around it', async () => {
    assert.equal((await connect(` ${server.url}/ `)).id, 'default');
  });

  test('asks to connect again when the token is not known', async () => {
    await assert.rejects(connect(server.url, 'hkl_0000'), { name: 'ExpiredAuthError', message: /token/i });
  });

  for (const address of ['', 'hooks.example.com', 'http://hooks.example.com', 'https://hooks.example.com/?a=b']) {
    test(`refuses "${address}" as a server URL`, () =>
      assert.rejects(connect(address), { name: 'AppError', message: /https:\/\// }));
  }
});

describe('a server that is not the right one, or not well', () => {
  /** Answers every request with one reply. */
  async function answering(status: number, headers: Record<string, string>, body: string) {
    const server = createServer((_, response) => response.writeHead(status, headers).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      return await runMethod(app, 'authentication.test', { authData: { base_url, token: 'hkl_0' } });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test('is named as such when it answers something else', () =>
    assert.rejects(answering(200, { 'content-type': 'text/html' }, '<h1>Hello</h1>'), {
      message: /Check the server URL/,
    }));

  test('is named by its status when it gives no reason', () =>
    assert.rejects(answering(502, { 'content-type': 'text/html' }, 'Bad gateway'), { message: /HTTP status 502/ }));

  test('is tried later when it is busy', () =>
    assert.rejects(answering(429, { 'retry-after': '17' }, ''), { name: 'ThrottledError', message: /"delay":17/ }));
});
