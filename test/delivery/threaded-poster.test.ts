import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { Posting } from '../../server/delivery/poster.ts';
import { createThreadedPoster } from '../../server/delivery/threaded-poster.ts';
import { closedEgress, readEgressSettings } from '../../server/egress/egress-settings.ts';
import { SECRET } from '../support/engine.ts';
import { startReceiver } from '../support/receiver.ts';

const userAgent = 'Hookloom/test';

function posting(url: string, more: Partial<Posting> = {}): Posting {
  return {
    url,
    timeoutMs: 10_000,
    allowedIps: null,
    clientCertificate: null,
    headers: {},
    dialect: 'standard',
    signature: null,
    eventId: 'evt_1',
    eventName: 'team.created',
    timestamp: Math.floor(Date.now() / 1000),
    secrets: [SECRET],
    deliveryId: 'dlv_1',
    attemptNumber: 1,
    traceparent: null,
    isTest: false,
    ...more,
  };
}

it('a poster on a thread of its own signs each body, posts it to its URL and answers with its own reply', async () => {
  await using receiver = await startReceiver((request, response) => {
    response.writeHead(request.path === '/odd' ? 500 : 200, { 'x-path': request.path }).end(request.body);
  });
  const poster = createThreadedPoster({ egress: closedEgress(true).source, userAgent });
  try {
    // In one turn, of different lengths, text and bytes, with letters of several bytes.
    const bodies = Array.from({ length: 40 }, (_, n) => JSON.stringify({ n, text: 'é€😀'.repeat(n) }));
    const results = await Promise.all(
      bodies.map((body, n) =>
        poster.post(
          posting(`${receiver.url}/${n % 2 === 0 ? 'even' : 'odd'}`, {
            headers: { 'x-number': String(n) },
            eventId: `evt_${n}`,
          }),
          n % 3 === 0 ? body : Buffer.from(body),
        ),
      ),
    );
    results.forEach((result, n) => {
      assert.equal(result.status, n % 2 === 0 ? 200 : 500);
      assert.equal(result.replyBody, bodies[n]);
      assert.equal(JSON.parse(result.replyHeaders ?? '{}')['x-path'], n % 2 === 0 ? '/even' : '/odd');
    });
    const sent = receiver.received.map(({ headers, body }) => [headers['x-number'], body]);
    assert.deepEqual(new Map(sent as [string, string][]), new Map(bodies.map((body, n) => [String(n), body])));
    for (const { headers, body } of receiver.received) {
      new Webhook(SECRET).verify(body, headers as Record<string, string>);
      assert.equal(headers['webhook-id'], `evt_${headers['x-number']}`);
      assert.equal(headers['user-agent'], userAgent);
    }
  } finally {
    await poster.close();
  }
});

it('it keeps to the settings that were read on the main thread', async () => {
  await using receiver = await startReceiver();
  const post = async (settings: ReturnType<typeof closedEgress>): Promise<unknown> => {
    const poster = createThreadedPoster({ egress: settings.source, userAgent });
    const result = await poster.post(posting(receiver.url), '{}');
    await poster.close();
    return result.status ?? result.error;
  };
  assert.match(String(await post(closedEgress(false))), /private or local address/);
  assert.equal(receiver.received.length, 0);
  const port = new URL(receiver.url).port;
  const opened = { HOOKLOOM_ALLOW_TARGETS: '127.0.0.1', HOOKLOOM_ALLOW_HTTP: 'true', HOOKLOOM_ALLOW_PORTS: port };
  assert.equal(await post(readEgressSettings(opened, false, [])), 204);
});

it('what cannot be signed is a failed attempt with its reason, and nothing is sent', async () => {
  await using receiver = await startReceiver();
  const poster = createThreadedPoster({ egress: closedEgress(true).source, userAgent });
  try {
    const unknown = await poster.post(posting(receiver.url, { dialect: 'morse' }), '{}');
    assert.deepEqual([unknown.status, unknown.error], [null, 'this server does not know the dialect "morse"']);
    const unreadable = await poster.post(posting(receiver.url, { dialect: 'custom', signature: 'no JSON' }), '{}');
    assert.equal(unreadable.status, null);
    assert.match(unreadable.error ?? '', /JSON/);
    assert.equal(receiver.received.length, 0);
  } finally {
    await poster.close();
  }
});

it('what it has not answered when it is closed is answered as not sent', async () => {
  await using receiver = await startReceiver(() => undefined);
  const poster = createThreadedPoster({ egress: closedEgress(true).source, userAgent });
  const result = poster.post(posting(receiver.url, { timeoutMs: 60_000 }), '{}');
  await receiver.waitFor(1);
  await poster.close();
  assert.equal((await result).status, null);
  assert.match((await result).error ?? '', /stopped before the reply came/);
});
