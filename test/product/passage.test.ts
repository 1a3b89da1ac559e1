import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createProxy, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { type Api, startApi } from '../http/api.ts';
import { publishable } from '../http/samples.ts';
import { until } from '../support/until.ts';

/** What a receiver over TLS saw of one delivery. */
interface Seen {
  path: string;
  headers: IncomingHttpHeaders;
  /** The common name of the certificate that the sender showed. */
  shown: string | undefined;
}

const seen: Seen[] = [];
const asked: { target: string; authorization: string | undefined }[] = [];
const tunnels = new Set<Socket>();
const folder = mkdtempSync(join(tmpdir(), 'passage-'));
let ours: { certificate: string; key: string };
let other: { certificate: string; key: string };
let receiver: Server;
let proxy: Server;
let direct: Api;
let proxied: Api;
let url: string;

before(async () => {
  const [made, mine, foreign] = await Promise.all([
    certificate('127.0.0.1'),
    certificate('hookloom'),
    certificate('x'),
  ]);
  ours = mine;
  other = foreign;
  receiver = createServer(
    { cert: made.certificate, key: made.key, ca: mine.certificate, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      const shown = socket.getPeerCertificate()?.subject?.CN;
      seen.push({
        path: request.url ?? '',
        headers: request.headers,
        shown: shown === undefined ? undefined : String(shown),
      });
      request.resume();
      response.writeHead(request.url === '/mtls' && !socket.authorized ? 403 : 204).end();
    },
  );
  url = `https://127.0.0.1:${await listen(receiver)}`;
  proxy = createProxy();
  proxy.on('connect', (request, socket: Socket) => {
    asked.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    const [host, port] = String(request.url).split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) {
      tunnels.add(end);
      end.on('error', () => end.destroy());
    }
  });
  const proxyPort = await listen(proxy);
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, made.certificate);
  const env = { HOOKLOOM_EGRESS_CA: ca };
  direct = await startApi({ env });
  proxied = await startApi({ env: { ...env, HOOKLOOM_EGRESS_PROXY: `http://us%40er:pass@127.0.0.1:${proxyPort}` } });
});

after(async () => {
  await Promise.all([direct[Symbol.asyncDispose](), proxied[Symbol.asyncDispose]()]);
  for (const end of tunnels) end.destroy();
  for (const server of [receiver, proxy]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

test('credentials are sent as Authorization, changed and removed, and never shown', async () => {
  const made = await create(direct, '/basic', {
    credentials: { type: 'basic', username: 'ann', password: 's3cret:1' },
  });
  assert.deepEqual(made.credentials, { type: 'basic' });
  const authorization = async (): Promise<string | undefined> =>
    (await deliver(direct, '/basic', made.id)).headers.authorization;
  assert.equal(await authorization(), `Basic ${Buffer.from('ann:s3cret:1').toString('base64')}`);
  const changed = await patch(made.id, { credentials: { type: 'bearer', token: 't0ken' } });
  assert.deepEqual(changed.json.data.credentials, { type: 'bearer' });
  assert.ok(!changed.text.includes('t0ken'));
  assert.equal(await authorization(), 'Bearer t0ken');
  assert.equal((await patch(made.id, { credentials: null })).json.data.credentials, null);
  assert.equal(await authorization(), undefined);
});

test('a receiver that asks for a client certificate gets the one of its endpoint', async () => {
  const made = await create(direct, '/mtls', { client_certificate: ours });
  assert.match(made.client_certificate.subject, /CN=hookloom/);
  assert.match(made.client_certificate.fingerprint_sha256, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  assert.ok(Date.parse(made.client_certificate.expires_at) > Date.now());
  assert.ok(!JSON.stringify(made).includes('PRIVATE KEY'));
  assert.equal((await deliver(direct, '/mtls', made.id)).shown, 'hookloom');
  const plain = await create(direct, '/plain', {});
  assert.equal(
    (await deliver(direct, '/plain', plain.id)).shown,
    undefined,
    'a connection with a certificate was shared',
  );
});

test('what cannot be sent is refused, and says which field', async () => {
  for (const [more, code, pointer] of [
    [{ allowed_ips: ['10.0.0.0/40'] }, 'allowed_ips_invalid', '/allowed_ips/0'],
    [{ allowed_ips: ['192.0.2.1'] }, 'allowed_ips_invalid', '/allowed_ips'],
    [
      { credentials: { type: 'basic', username: 'a:b', password: 'c' } },
      'credentials_invalid',
      '/credentials/username',
    ],
    [{ credentials: { type: 'bearer', token: 'a b' } }, 'credentials_invalid', '/credentials/token'],
    [
      { credentials: { type: 'bearer', token: 'a' }, headers: { authorization: 'b' } },
      'credentials_invalid',
      '/credentials',
    ],
    [{ client_certificate: { ...ours, key: 'not a key' } }, 'client_certificate_invalid', '/client_certificate/key'],
    [{ client_certificate: { ...ours, key: other.key } }, 'client_certificate_invalid', '/client_certificate/key'],
  ] as const) {
    const answer = await direct.call('POST', '/v1/webhook-endpoints', { body: { url, events: ['*'], ...more } });
    assert.deepEqual([answer.status, answer.json.code, answer.json.errors[0].pointer], [422, code, pointer]);
  }
  const pinned = await create(direct, '/pinned', { allowed_ips: ['127.0.0.0/8'] });
  assert.deepEqual(pinned.allowed_ips, ['127.0.0.0/8']);
  assert.equal((await patch(pinned.id, { allowed_ips: ['192.0.2.0/24'] })).json.code, 'allowed_ips_invalid');
});

test("all traffic takes the operator's proxy, which is asked for the checked address", async () => {
  const made = await create(proxied, '/proxied', {});
  await deliver(proxied, '/proxied', made.id);
  assert.deepEqual(asked, [
    { target: new URL(url).host, authorization: `Basic ${Buffer.from('us@er:pass').toString('base64')}` },
  ]);
});

async function create(api: Api, path: string, more: object) {
  const answer = await api.call('POST', '/v1/webhook-endpoints', { body: { url: url + path, events: ['*'], ...more } });
  assert.equal(answer.status, 201, answer.text);
  return answer.json.data;
}

const patch = (id: string, body: object) => direct.call('PATCH', `/v1/webhook-endpoints/${id}`, { body });

/** Sends one more event to an endpoint and answers with what came. */
async function deliver(api: Api, path: string, endpointId: string): Promise<Seen> {
  const event = await api.call('POST', '/v1/webhook-events', { body: publishable(api).body });
  assert.equal(event.status, 202, event.text);
  const delivery = async () =>
    (await api.call('GET', `/v1/webhook-deliveries?endpoint_id=${endpointId}&event_id=${event.json.data.id}`)).json
      .data[0];
  await until(async () => (await delivery())?.status === 'delivered', `a delivery at ${path}`);
  const last = seen.findLast((one) => one.path === path);
  assert.ok(last);
  return last;
}

async function certificate(name: string): Promise<{ certificate: string; key: string }> {
  const made = await generate([{ name: 'commonName', value: name }], {
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  return { certificate: made.cert, key: made.private };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
