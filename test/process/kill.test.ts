import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { LEASE_MS } from '../../server/delivery/worker.ts';
import { arrivals } from '../support/arrivals.ts';
import { type Program, startProgram } from '../support/program.ts';
import { type OwnEvent, publishMany } from '../support/publish-many.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Store, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { startPair } from './pair.ts';

const IN_FLIGHT = 1000;
const CONNECTIONS = 250;
/** The server is killed when it has answered this many of the thousand publishes in flight. */
const KILL_AFTER = [1, 150, 500];

const sample = loadCatalog('events.json').types.get('team.created')?.samples[0];
assert.ok(sample);
const { type, data } = sample;

/** What a publisher knows when all the killing is over. */
interface Known {
  sent: Set<string>;
  answered: Set<string>;
}

// Side by side: after a kill, PostgreSQL's lanes wait for the dead worker's lease to run out.
describe('kill -9', { concurrency: true }, () => {
  for (const { name, make } of stores) {
    it(`again and again with a thousand publishes in flight: the server on ${name} delivers every acknowledged event under its own id, and none that was never sent`, async () => {
      const store = await make();
      const receiver = await startReceiver();
      try {
        const known = await killAndKill(store, receiver);
        await using program = await startProgram({ DATABASE_URL: store.url });
        const arrived = arrivals(receiver);
        await until(() => known.answered.isSubsetOf(arrived()), 'all acknowledged events', 40_000).catch(
          () => undefined,
        );
        assert.deepEqual([...known.answered.difference(arrived())], []);
        assert.deepEqual([...new Set(arrived()).difference(known.sent)], []);
        assert.ok(receiver.received.every((request) => request.headers['webhook-id'] === request.json.id));
        await checkUnanswered(program, receiver, known);
        await program.kill();
        if (store.name === 'SQLite') assert.deepEqual(integrity(store), ['ok']);
      } finally {
        await receiver.close();
        await store.remove();
      }
    });
  }

  it('of one of two processes on a PostgreSQL: the other takes over its lanes when the lease is over, and all arrives', async () => {
    await using pair = await startPair();
    const { a, b, receiver, createShared, settled } = pair;
    const endpoints = await createShared(20, '/shared');
    receiver.answer = (_, response) => setTimeout(() => response.writeHead(204).end(), 5);
    const publishing = [a, b].map(({ url }, index) =>
      publishMany(
        url,
        Array.from({ length: 100 }, (_, event): OwnEvent => ({ id: `own-${index}-${event}`, type, data })),
      ),
    );
    await until(() => receiver.received.length >= 500, 'deliveries to be under way');
    await a.kill();
    const killedAt = Date.now();
    await Promise.all(publishing.map((one) => one.done));
    const answered = publishing.flatMap((one) => [...one.answered]);
    const wanted = new Set(answered.flatMap((id) => endpoints.map((_, index) => `/shared-${index} ${id}`)));
    const arrived = arrivals(receiver, (request) => `${request.path} ${request.json.id}`);
    await until(() => wanted.isSubsetOf(arrived()), 'every acknowledged event', 60_000);
    const took = Date.now() - killedAt;
    assert.ok(took < LEASE_MS + 10_000, `the lanes were taken over after ${took} ms`);
    await settled();
  });
});

/** Publishes a thousand events at a time and kills the server in the midst of each thousand. */
async function killAndKill(store: Store, receiver: Receiver): Promise<Known> {
  const known: Known = { sent: new Set(), answered: new Set() };
  for (const [round, killAfter] of KILL_AFTER.entries()) {
    await using program = await startProgram({ DATABASE_URL: store.url });
    if (round === 0) await subscribe(program, receiver);
    const events = Array.from(
      { length: IN_FLIGHT },
      (_, index): OwnEvent => ({ id: `own-${round}-${index}`, type, data }),
    );
    const publishing = publishMany(program.url, events, CONNECTIONS);
    await until(() => publishing.answered.size >= killAfter, `${killAfter} answers`);
    await program.kill();
    await publishing.done;
    assert.deepEqual(publishing.refused, []);
    assert.ok(publishing.answered.size < IN_FLIGHT, 'the kill came after the last answer');
    known.sent = known.sent.union(new Set(publishing.sent));
    known.answered = known.answered.union(publishing.answered);
  }
  return known;
}

/** A publisher that sends again what was not answered makes no second event of it. */
async function checkUnanswered(program: Program, receiver: Receiver, { sent, answered }: Known): Promise<void> {
  const again = [...sent.difference(answered)].map((id): OwnEvent => ({ id, type, data }));
  const publishing = publishMany(program.url, again);
  await publishing.done;
  assert.deepEqual(publishing.refused, []);
  assert.equal(publishing.answered.size, again.length);
  const arrived = arrivals(receiver);
  await until(() => arrived().size === sent.size, 'the events that were published again');
  await until(async () => {
    const waiting = await program.call('GET', '/v1/webhook-deliveries?status=pending&limit=1');
    return waiting.json.data.length === 0;
  }, 'all deliveries to settle');
  assert.equal(await countEvents(program), sent.size);
}

async function subscribe(program: Program, receiver: Receiver): Promise<void> {
  const body = { url: receiver.url, events: ['*'] };
  assert.equal((await program.call('POST', '/v1/webhook-endpoints', { body })).status, 201);
}

async function countEvents({ call }: Program): Promise<number> {
  let count = 0;
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = await call('GET', `/v1/webhook-events?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`);
    count += page.json.data.length;
    cursor = page.json.next_cursor;
  }
  return count;
}

function integrity(store: Store): string[] {
  const database = new DatabaseSync(store.url.replace('sqlite:', ''));
  const rows = database.prepare('pragma integrity_check').all();
  database.close();
  return rows.map((row) => String(row.integrity_check));
}
