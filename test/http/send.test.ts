import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { send } from '../../server/http/send.ts';

/** More than the socket buffers of both ends hold. */
const SIZE = 32 * 1024 * 1024;

test('bytes that are a reply’s own arrive whole, however late they are read, and are freed then', async (t) => {
  const bytes = Buffer.allocUnsafeSlow(SIZE);
  for (let at = 0; at < SIZE; at += 4) bytes.writeUInt32LE(at, at);
  const sent = Buffer.from(bytes);
  const written = Promise.withResolvers<void>();
  const ask = await serve(t, (response) => {
    response.once('finish', written.resolve);
    send(response, { status: 200, headers: {}, body: bytes, ownsBody: true }, 'req_1');
  });

  const response = await ask();
  // Much of it still waits in the server.
  assert.equal(bytes.length, SIZE);
  assert.ok(sent.equals(await buffer(response)));
  await written.promise;
  assert.equal(bytes.length, 0);
});

test('bytes that are not a reply’s own stay for the next one', async (t) => {
  const bytes = Buffer.alloc(64 * 1024, 'a');
  const ask = await serve(t, (response) => send(response, { status: 200, headers: {}, body: bytes }, 'req_1'));

  for (let round = 0; round < 2; round += 1)
    assert.ok((await buffer(await ask())).equals(Buffer.alloc(64 * 1024, 'a')));
});

/** A server of the test's own; the function asks it, and resolves when the reply begins. */
async function serve(
  t: TestContext,
  answer: (response: ServerResponse) => void,
): Promise<() => Promise<IncomingMessage>> {
  const server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return async () => {
    const [response] = (await once(get({ port, agent: false }), 'response')) as [IncomingMessage];
    return response;
  };
}
