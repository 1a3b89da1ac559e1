import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { systemClock } from '../../server/clock.ts';
import { readEgressSettings } from '../../server/egress/egress-settings.ts';
import { createSender, type Sender } from '../../server/egress/send.ts';
import type { SendResult } from '../../server/egress/send-result.ts';
import { type NameServer, startNameServer } from './name-server.ts';

/** The one address that is open here; every other one of this machine is closed. */
const OPEN = '127.0.0.2';

let names: NameServer;
let sender: Sender;
let port: number;
const servers: Server[] = [];
let canary = 0;
let received = 0;

before(async () => {
  names = await startNameServer();
  const open = createServer((_, response) => {
    received += 1;
    response.writeHead(204, { connection: 'close' }).end();
  });
  await listen(open, 0, OPEN);
  port = (open.address() as AddressInfo).port;
  for (const host of ['127.0.0.1', '::1']) {
    const closed = createServer((_, response) => response.writeHead(204).end());
    closed.on('connection', () => {
      canary += 1;
    });
    await listen(closed, port, host);
  }
  const faults: string[] = [];
  const settings = readEgressSettings(
    {
      HOOKLOOM_DNS_SERVERS: names.at,
      HOOKLOOM_ALLOW_TARGETS: OPEN,
      HOOKLOOM_ALLOW_HTTP: 'true',
      HOOKLOOM_ALLOW_PORTS: String(port),
    },
    false,
    faults,
  );
  assert.deepEqual(faults, []);
  sender = createSender(systemClock, settings);
});

after(async () => {
  await sender.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await names[Symbol.asyncDispose]();
});

test('a name whose answer changes from an open address to a closed one is called once, and never at the closed one', async () => {
  names.answers.set('rebind.example.net', [[OPEN], ['127.0.0.1']]);
  const before = received;
  assert.equal((await post('rebind.example.net')).status, 204);
  assert.match((await post('rebind.example.net')).error ?? '', /leads to 127\.0\.0\.1: deliveries may not go/);
  assert.equal(received, before + 1);
  assert.equal(canary, 0);
});

test('one closed address among the answers closes the name', async () => {
  const before = received;
  for (const [index, answers] of [
    [OPEN, '127.0.0.1'],
    ['127.0.0.1', OPEN],
    [OPEN, '::1'],
    [OPEN, '::ffff:127.0.0.1'],
  ].entries()) {
    const name = `mixed${index}.example.net`;
    names.answers.set(name, [answers]);
    assert.match((await post(name)).error ?? '', /deliveries may not go/, String(answers));
  }
  assert.equal(received, before);
  assert.equal(canary, 0);
});

test('no spelling of a closed address is connected to', async () => {
  for (const host of [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '017700000001',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    'localhost',
    'localhost.',
    'a.localhost',
    '0.0.0.0',
    '0',
    '１２７.0.0.1',
  ])
    assert.notEqual((await post(host)).error, null, host);
  assert.equal(canary, 0);
});

test('a target whose port or scheme is no longer open is not connected to', async () => {
  names.answers.set('open.example.net', [[OPEN]]);
  const before = received;
  assert.match((await post('open.example.net', port + 1)).error ?? '', /has the port/);
  assert.equal(received, before);
});

test('an endpoint whose allowed_ips do not hold the address that its name has is not called', async () => {
  names.answers.set('pinned.example.net', [[OPEN]]);
  const before = received;
  assert.match(
    (await post('pinned.example.net', port, ['192.0.2.0/24'])).error ?? '',
    /not among the endpoint's allowed_ips/,
  );
  assert.equal(received, before);
  assert.equal((await post('pinned.example.net', port, ['192.0.2.0/24', `${OPEN}/32`])).status, 204);
});

function post(host: string, at = port, allowedIps?: string[]): Promise<SendResult> {
  return sender.send({
    url: `http://${host}:${at}/`,
    headers: {},
    body: '{}',
    timeoutMs: 5000,
    allowedIps: allowedIps === undefined ? null : JSON.stringify(allowedIps),
  });
}

async function listen(server: Server, at: number, host: string): Promise<void> {
  servers.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, host, resolve);
  });
}
