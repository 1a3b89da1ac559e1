import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { systemClock } from '../../server/clock.ts';
import { dialects } from '../../server/delivery/dialect/dialects.ts';
import { closedEgress } from '../../server/egress/egress-settings.ts';
import { createApp } from '../../server/http/app.ts';
import { loadContract } from '../../server/http/load-contract.ts';
import { createLog } from '../../server/observe/log.ts';
import { FeedWatch } from '../../server/publish/feed-watch.ts';
import type { Publisher } from '../../server/publish/publisher.ts';
import { type Database, StorageUnavailable } from '../../server/storage/database.ts';
import { hashToken } from '../../server/token/token-text.ts';
import { openMigrated, type Store, sqliteStore } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { testVault } from '../support/vault.ts';
import { type Api, caller, OPERATOR_TOKEN } from './api.ts';

/** What the publisher does next: these are faults that cannot be brought about from outside. */
let publish: Publisher['publish'] = () => Promise.reject(new Error('not set'));
let isReady = true;
let call: Api['call'];
const logged: { facts: Record<string, unknown>; message: string }[] = [];
const server = createServer();
let db: Database;
let feed: FeedWatch;
let store: Store;

before(async () => {
  store = await sqliteStore();
  db = await openMigrated(store);
  feed = new FeedWatch({ db, clock: systemClock, log: createLog('silent') });
  const log = (facts: object, message: string) => {
    logged.push({ facts: facts as Record<string, unknown>, message });
  };
  const app = createApp({
    contract: loadContract(),
    catalog: loadCatalog('events.json'),
    db,
    clock: systemClock,
    publisher: { publish: (request) => publish(request), publishTest: () => Promise.reject(new Error('not used')) },
    signals: { wake: () => undefined, endpointChanged: () => undefined },
    feed,
    log: { error: log, warn: log, info: log, debug: () => undefined },
    metrics: { scrape: async () => ({ contentType: 'text/plain', text: '' }) },
    role: 'all',
    metricsTokenHash: null,
    operatorTokenHash: hashToken(OPERATOR_TOKEN),
    dialects,
    retryPolicies: new Set(['standard']),
    defaultDialect: 'standard',
    egressPolicy: closedEgress(true).policy,
    vault: testVault,
    endpointQuota: 0,
    rateLimits: { managementPerMinute: 0, managementPerHour: 0, publishPerMinute: 0, testsPerMinute: 0 },
    version: '0',
    checkResponses: true,
    isReady: async () => isReady,
  });
  server.on('request', app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  call = caller(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await db.close();
  await store.remove();
});

const send = () => call('POST', '/v1/webhook-events', { body: { type: 'x', data: {} } });

test('a fault of the server answers 500 internal_error, tells nothing of it, and is logged under the request id', async () => {
  publish = () => Promise.reject(new Error('the password is hunter2'));
  const answer = await send();
  assert.equal(answer.status, 500);
  assert.equal(answer.json.code, 'internal_error');
  assert.ok(!answer.text.includes('hunter2'));
  const line = logged.find(({ facts }) => facts.request_id === answer.json.request_id);
  assert.equal(line?.facts.operation, 'publishEvent');
  assert.match(String(line?.facts.err), /hunter2/);
});

test('a database that is away answers 503 storage_unavailable with Retry-After', async () => {
  publish = () => Promise.reject(new StorageUnavailable(new Error('away')));
  const answer = await send();
  assert.equal(answer.status, 503);
  assert.equal(answer.json.code, 'storage_unavailable');
  assert.equal(answer.headers.get('retry-after'), '1');
});

test('events of a batch that cannot be committed answer 503 storage_unavailable each, and the log has one line of it', async () => {
  const away = new StorageUnavailable(new Error('away'));
  publish = async ({ type }) => {
    if (type === 'away') throw away;
    const event = {
      id: 'e',
      type,
      created_at: '2026-05-01T08:40:00.207Z',
      api_version: '1',
      project_id: null,
      data: {},
    };
    return { eventId: 'e', envelope: JSON.stringify(event), deliveries: 0, repeated: false };
  };
  const events = ['away', 'fine', 'away'].map((type) => ({ type, data: {} }));
  const answer = await call('POST', '/v1/webhook-events/batch', { body: { events } });
  assert.equal(answer.status, 202, answer.text);
  assert.deepEqual(
    answer.json.data.map((one: { status: number; problem?: { code: string } }) => [one.status, one.problem?.code]),
    [
      [503, 'storage_unavailable'],
      [202, undefined],
      [503, 'storage_unavailable'],
    ],
  );
  assert.equal(logged.filter(({ facts }) => facts.request_id === answer.headers.get('request-id')).length, 1);
});

test('in tests a reply that breaks the contract answers 500 response_contract_violation and says how', async () => {
  publish = async () => ({ eventId: 'e', envelope: '{"id":5}', deliveries: 0, repeated: false });
  const answer = await send();
  assert.equal(answer.status, 500);
  assert.equal(answer.json.code, 'response_contract_violation');
  assert.match(answer.json.detail, /publishEvent 202: .*data/);
});

test('callers who hang up while they wait in a feed are let go', async () => {
  const { port } = server.address() as AddressInfo;
  const head = [
    'GET /v1/webhook-events?after=0&wait=30 HTTP/1.1',
    'Host: h',
    `Authorization: Bearer ${OPERATOR_TOKEN}`,
  ];
  const sockets = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
  for (const socket of sockets) socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await until(() => feed.readers === 20, 'all to wait');
  for (const socket of sockets) socket.destroy();
  await until(() => feed.readers === 0, 'all to be let go');
});

test('a process that cannot take work answers 503 not_ready, and is alive all the same', async () => {
  isReady = false;
  const answer = await call('GET', '/readyz');
  assert.equal(answer.status, 503);
  assert.equal(answer.json.code, 'not_ready');
  assert.equal((await call('GET', '/healthz')).status, 200);
});
