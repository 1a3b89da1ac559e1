import assert from 'node:assert/strict';
import { it } from 'node:test';
import { closedEgress, readEgressSettings } from '../../server/egress/egress-settings.ts';
import { createThreadedSender } from '../../server/egress/threaded-sender.ts';
import { startReceiver } from '../support/receiver.ts';

const HEADERS = { 'content-type': 'application/json' };

it('a sender on a thread of its own posts each body to its URL and answers each with its own reply', async () => {
  await using receiver = await startReceiver((request, response) => {
    response.writeHead(request.path === '/odd' ? 500 : 200, { 'x-path': request.path }).end(request.body);
  });
  const sender = createThreadedSender(closedEgress(true).source);
  try {
    // In one turn, of different lengths, text and bytes, with letters of several bytes.
    const bodies = Array.from({ length: 40 }, (_, n) => JSON.stringify({ n, text: 'é€😀'.repeat(n) }));
    const results = await Promise.all(
      bodies.map((body, n) =>
        sender.send({
          url: `${receiver.url}/${n % 2 === 0 ? 'even' : 'odd'}`,
          headers: { ...HEADERS, 'x-number': String(n) },
          body: n % 3 === 0 ? body : Buffer.from(body),
          timeoutMs: 10_000,
        }),
      ),
    );
    results.forEach((result, n) => {
      assert.equal(result.status, n % 2 === 0 ? 200 : 500);
      assert.equal(result.replyBody, bodies[n]);
      assert.equal(result.replyHeaders?.['x-path'], n % 2 === 0 ? '/even' : '/odd');
    });
    const sent = receiver.received.map(({ headers, body }) => [headers['x-number'], body]);
    assert.deepEqual(new Map(sent as [string, string][]), new Map(bodies.map((body, n) => [String(n), body])));
  } finally {
    await sender.close();
  }
});

it('it keeps to the settings that were read on the main thread', async () => {
  await using receiver = await startReceiver();
  const post = async (settings: ReturnType<typeof closedEgress>): Promise<unknown> => {
    const sender = createThreadedSender(settings.source);
    const result = await sender.send({ url: receiver.url, headers: HEADERS, body: '{}', timeoutMs: 10_000 });
    await sender.close();
    return result.status ?? result.error;
  };
  assert.match(String(await post(closedEgress(false))), /private or local address/);
  assert.equal(receiver.received.length, 0);
  const port = new URL(receiver.url).port;
  const opened = { HOOKLOOM_ALLOW_TARGETS: '127.0.0.1', HOOKLOOM_ALLOW_HTTP: 'true', HOOKLOOM_ALLOW_PORTS: port };
  assert.equal(await post(readEgressSettings(opened, false, [])), 204);
});

it('what it has not answered when it is closed is answered as not sent', async () => {
  await using receiver = await startReceiver(() => undefined);
  const sender = createThreadedSender(closedEgress(true).source);
  const result = sender.send({ url: receiver.url, headers: HEADERS, body: '{}', timeoutMs: 60_000 });
  await receiver.waitFor(1);
  await sender.close();
  assert.equal((await result).status, null);
  assert.match((await result).error ?? '', /stopped before the reply came/);
});
