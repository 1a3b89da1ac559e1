import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { LEASE_MS } from '../../server/delivery/worker.ts';
import type { Database } from '../../server/storage/database.ts';
import { shutGate } from '../support/gate.ts';
import { type Program, startProgram } from '../support/program.ts';
import { type OwnEvent, publishMany } from '../support/publish-many.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { postgresStore, type Store } from '../support/stores.ts';
import { until } from '../support/until.ts';

const ENDPOINTS = 20;
const sample = loadCatalog('events.json').types.get('team.created')?.samples[0];
assert.ok(sample);
const { type, data } = sample;

const eventsNamed = (prefix: string, count: number): OwnEvent[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}-${index}`, type, data }));

describe('two processes on one PostgreSQL', () => {
  let store: Store;
  let db: Database;
  let receiver: Receiver;
  let a: Program;
  let b: Program;
  let workerOfA: string;

  before(async () => {
    store = await postgresStore();
    db = await store.open();
    receiver = await startReceiver();
    a = await startProgram({ DATABASE_URL: store.url });
    // While it is alone, whoever leases a lane is its worker.
    const endpoint = await create(a, '/first');
    await warm(a, endpoint, '/first');
    workerOfA = (await ownerOf(endpoint)) ?? '';
    await remove(a, endpoint);
    b = await startProgram({ DATABASE_URL: store.url });
    receiver.received.length = 0;
  });

  after(async () => {
    await Promise.all([a?.kill(), b?.kill()]);
    await receiver?.close();
    await db?.close();
    await store?.remove();
  });

  const receivedAt = (path: string) => receiver.received.filter((request) => request.path === path);
  const create = async (program: Program, path: string): Promise<string> => {
    const made = await program.call('POST', '/v1/webhook-endpoints', {
      body: { url: `${receiver.url}${path}`, events: ['*'], timeout_ms: 30_000 },
    });
    assert.equal(made.status, 201);
    return made.json.data.id;
  };
  const remove = async (program: Program, id: string): Promise<void> => {
    assert.equal((await program.call('DELETE', `/v1/webhook-endpoints/${id}`)).status, 204);
  };
  const ownerOf = async (id: string): Promise<string | null> =>
    (await db.get<{ owner: string | null }>('select owner from lane where endpoint_id = ?1', [id]))?.owner ?? null;
  const settled = (path: string) =>
    until(
      async () => {
        const { count } = (await db.get<{ count: number }>(
          "select count(*) as count from delivery where status in ('pending', 'failed')",
        )) ?? { count: -1 };
        return count === 0;
      },
      `every delivery to settle (${path})`,
      60_000,
    );
  /** Sends a test to an endpoint through a process, whose worker then leases the lane, unless the other is faster. */
  const warm = async (program: Program, id: string, path: string): Promise<void> => {
    const before = receivedAt(path).length;
    assert.equal((await program.call('POST', `/v1/webhook-endpoints/${id}/test`)).status, 202);
    await until(() => receivedAt(path).length > before, 'the test to arrive');
  };

  it('deliver an event that one accepts to an endpoint that the other has just created', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [from, to] = round % 2 === 0 ? [a, b] : [b, a];
      const path = `/new-${round}`;
      const endpoint = await create(from, path);
      const published = await to.call('POST', '/v1/webhook-events', { body: { id: `new-${round}`, type, data } });
      assert.equal(published.json.deliveries, 1);
      await until(() => receivedAt(path).length === 1, 'the event at the new endpoint');
      await remove(to, endpoint);
    }
    assert.equal(receiver.received.length, 20);
  });

  it('share five thousand deliveries over twenty endpoints, and send none of them twice', async () => {
    const endpoints: string[] = [];
    for (let index = 0; index < ENDPOINTS; index += 1) {
      const id = await create(a, `/shared-${index}`);
      endpoints.push(id);
      await warm(index % 2 === 0 ? a : b, id, `/shared-${index}`);
    }
    const owners = new Set(await Promise.all(endpoints.map(ownerOf)));
    assert.equal(owners.size, 2, 'each process has lanes');
    await settled('tests');
    receiver.received.length = 0;

    const publishing = [publishMany(a.url, eventsNamed('a', 125)), publishMany(b.url, eventsNamed('b', 125))];
    await Promise.all(publishing.map((one) => one.done));
    assert.deepEqual(
      publishing.map((one) => one.answered.size),
      [125, 125],
    );
    // Once every delivery is settled nothing is left that could still be sent.
    await settled('five thousand');
    const seen = new Set(receiver.received.map((request) => `${request.path} ${request.json.id}`));
    assert.equal(seen.size, 5000);
    assert.equal(receiver.received.length, 5000);
    await Promise.all(endpoints.map((id) => remove(b, id)));
  });

  it('start no attempt later than a second after the other process acknowledged the delete of its endpoint', async () => {
    const kept = await create(a, '/kept');
    const endpoint = await create(a, '/deleted');
    await warm(b, endpoint, '/deleted');
    // Nothing is answered until the delete is acknowledged; then the backlogs take more than two seconds.
    const gate = shutGate((_, response) => setTimeout(() => response.writeHead(204).end(), 40));
    receiver.answer = gate.answer;
    const publishing = publishMany(a.url, eventsNamed('backlog', 600));
    await publishing.done;
    assert.equal(publishing.answered.size, 600);
    await remove((await ownerOf(endpoint)) === workerOfA ? b : a, endpoint);
    const deletedAt = Date.now();
    gate.open();
    // The other endpoint's backlog goes on well past the second, so deliveries were still being made meanwhile.
    await settled('backlog');
    const keptUntil = receivedAt('/kept').at(-1)?.at ?? 0;
    assert.ok(keptUntil > deletedAt + 1000, `the backlog ended ${keptUntil - deletedAt} ms after the delete`);
    const late = receivedAt('/deleted').filter((request) => request.at > deletedAt + 1000);
    assert.deepEqual(late, []);
    const { data: cancelled } = (await a.call('GET', `/v1/webhook-deliveries?endpoint_id=${endpoint}&status=cancelled`))
      .json;
    assert.ok(cancelled.length > 0);
    await remove(b, kept);
  });

  it('lose nothing when one is killed: the other takes over its lanes once the lease is over', async () => {
    receiver.answer = (_, response) => setTimeout(() => response.writeHead(204).end(), 5);
    receiver.received.length = 0;
    const endpoints: string[] = [];
    for (let index = 0; index < ENDPOINTS; index += 1) {
      const id = await create(a, `/killed-${index}`);
      endpoints.push(id);
      await warm(index % 2 === 0 ? a : b, id, `/killed-${index}`);
    }
    const publishing = [publishMany(a.url, eventsNamed('x', 100)), publishMany(b.url, eventsNamed('y', 100))];
    await until(() => receiver.received.length >= 500, 'deliveries to be under way');
    assert.ok((await Promise.all(endpoints.map(ownerOf))).includes(workerOfA));
    await a.kill();
    const killedAt = Date.now();
    await Promise.all(publishing.map((one) => one.done));
    const acknowledged = publishing.flatMap((one) => [...one.answered]);
    const wanted = new Set(acknowledged.flatMap((id) => endpoints.map((_, index) => `/killed-${index} ${id}`)));
    const arrived = () => new Set(receiver.received.map((request) => `${request.path} ${request.json.id}`));
    await until(() => wanted.isSubsetOf(arrived()), 'every acknowledged event', 60_000);
    const took = Date.now() - killedAt;
    assert.ok(took < LEASE_MS + 10_000, `the lanes were taken over after ${took} ms`);
    await settled('killed');
  });
});
