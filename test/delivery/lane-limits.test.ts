import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Database } from '../../server/storage/database.ts';
import { type Engine, makeEngine } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts';
import { openMigrated, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';

interface Setting {
  engine: Engine;
  db: Database;
  receiver: Receiver;
}

for (const { name, make } of stores) {
  describe(`a lane's limits on ${name}`, () => {
    async function withEngine(test: (setting: Setting) => Promise<void>, clock?: FakeClock): Promise<void> {
      const store = await make();
      const db = await openMigrated(store);
      const receiver = await startReceiver();
      const engine = makeEngine(db, clock);
      try {
        engine.worker.start();
        await test({ engine, db, receiver });
      } finally {
        const stopped = engine.worker.stop();
        await receiver.close();
        await clock?.advance(20_000);
        await stopped;
        await db.close();
        await store.remove();
      }
    }
    const publish = (engine: Engine, count: number) =>
      Promise.all(Array.from({ length: count }, () => engine.publishSample('team.created')));
    const allDelivered = (engine: Engine) => async () =>
      (await engine.deliveries()).every((delivery) => delivery.status === 'delivered');

    it('keep no more attempts open than max_in_flight', () =>
      withEngine(async ({ engine, receiver }) => {
        let open = 0;
        let most = 0;
        receiver.answer = (_, response) => {
          open += 1;
          most = Math.max(most, open);
          setTimeout(() => {
            open -= 1;
            response.writeHead(204).end();
          }, 20);
        };
        await engine.addEndpoint({ url: receiver.url, max_in_flight: 3 });
        await publish(engine, 30);
        await until(allDelivered(engine), 'all deliveries');
        assert.equal(most, 3);
      }));

    it('send no more than rate_limit deliveries a second', async () => {
      const clock = new FakeClock();
      await withEngine(async ({ engine, receiver }) => {
        await engine.addEndpoint({ url: receiver.url, rate_limit: 2 });
        const startedAt = clock.now();
        const times: number[] = [];
        receiver.answer = (_, response) => {
          times.push(clock.now() - startedAt);
          response.writeHead(204).end();
        };
        await publish(engine, 9);
        await clock.advanceUntil(() => times.length === 9, 'all deliveries');
        const within = (from: number) => times.filter((time) => time >= from && time < from + 1000).length;
        for (const time of times)
          assert.ok(within(time) <= 3, `at most two starts a second, and one on the edge: ${times}`);
        const last = times.at(-1) ?? 0;
        assert.ok(last >= 3900 && last < 7000, `eight waits of half a second take ${last} ms`);
      }, clock);
    });

    it('hold what is behind a failed delivery of the same key, and nothing else', async () => {
      const clock = new FakeClock();
      await withEngine(async ({ engine, receiver }) => {
        const failing = new Set(['evt_a1']);
        receiver.answer = ({ json }, response) => response.writeHead(failing.has(json.id) ? 500 : 204).end();
        await engine.addEndpoint({ url: receiver.url, ordered: 1, ordering_key: '/data/team/id' });
        for (const id of ['evt_a1', 'evt_b1', 'evt_a2', 'evt_b2', 'evt_a3']) await publishOf(engine, id);
        const came = () => receiver.received.map((request) => request.json.id);
        await clock.advanceUntil(() => came().includes('evt_b2'), 'the other key');
        await clock.advance(3000);
        assert.ok(!came().includes('evt_a2'), 'a2 waits for a1');
        failing.clear();
        await clock.advanceUntil(
          async () => (await engine.deliveries()).every((one) => one.status === 'delivered'),
          'all',
        );
        const ofA = came().filter((id) => id.startsWith('evt_a') && id !== 'evt_a1');
        assert.deepEqual(ofA, ['evt_a2', 'evt_a3']);
        assert.equal(came().filter((id) => id === 'evt_a1').length, 2);
      }, clock);
    });

    it('deliver an ordered endpoint one at a time in the order of publishing, also when attempts fail', () =>
      withEngine(async ({ engine, receiver }) => {
        const ids: string[] = [];
        let open = 0;
        receiver.answer = (_, response) => {
          open += 1;
          assert.equal(open, 1, 'never two at once');
          setImmediate(() => {
            open -= 1;
            response.writeHead(204).end();
          });
        };
        await engine.addEndpoint({ url: receiver.url, ordered: 1 });
        for (let index = 0; index < 40; index += 1) ids.push(await engine.publishSample('team.created'));
        await until(allDelivered(engine), 'all deliveries');
        assert.deepEqual(
          receiver.received.map((request: Received) => request.json.id),
          ids,
        );
      }));

    it('back off after a 503, longer each time, and probe with one delivery before the lane opens again', async () => {
      const clock = new FakeClock();
      await withEngine(async ({ engine, db, receiver }) => {
        let isWell = false;
        let open = 0;
        let most = 0;
        receiver.answer = (_, response) => {
          open += 1;
          most = Math.max(most, open);
          setImmediate(() => {
            open -= 1;
            response.writeHead(isWell ? 204 : 503).end();
          });
        };
        await engine.addEndpoint({ url: receiver.url, max_in_flight: 5 });
        await publish(engine, 40);
        await clock.advanceUntil(() => receiver.received.length >= 5 && open === 0, 'the first attempts');
        most = 0;
        const before = receiver.received.length;
        const beganAt = clock.now();
        await clock.advanceUntil(() => receiver.received.length >= before + 3, 'three probes');
        assert.ok(clock.now() - beganAt >= 0.8 * (1000 + 2000 + 4000), 'each waits twice as long as the one before');
        assert.equal(most, 1, 'one at a time');
        await until(async () => ((await level(db)) ?? 0) >= 3, 'the back-off to be written down');
        isWell = true;
        await clock.advanceUntil(
          async () => (await engine.deliveries()).every((one) => one.status === 'delivered'),
          'all',
        );
        assert.ok(most > 1, 'open again');
        assert.equal(await level(db), 0);
      }, clock);
    });

    it('leave a good receiver its places while sixty others hang', () =>
      withEngine(async ({ engine, receiver }) => {
        receiver.answer = ({ path }, response) => {
          if (path === '/good') response.writeHead(204).end();
        };
        for (let index = 0; index < 60; index += 1) await engine.addEndpoint({ url: `${receiver.url}/bad` });
        for (let index = 0; index < 12; index += 1) await engine.publishSample('team.created');
        await until(() => receiver.received.length >= 120, 'the hanging receivers to be called');
        await engine.addEndpoint({ url: `${receiver.url}/good`, events: '["member.joined"]' });
        const startedAt = performance.now();
        for (let index = 0; index < 20; index += 1) await engine.publishSample('member.joined');
        await until(() => receiver.received.filter(({ path }) => path === '/good').length === 20, 'the good one', 5000);
        assert.ok(performance.now() - startedAt < 5000);
      }));
  });
}

async function publishOf(engine: Engine, id: string): Promise<void> {
  const data = { team: { id: id.slice(0, 5), name: 'Acme', owner_id: 'usr_1' } };
  await engine.publisher.publish({ teamId: 'default', type: 'team.created', data, projectId: null, id });
}

async function level(db: Database): Promise<number | undefined> {
  return (await db.get<{ backoff_level: number }>('select backoff_level from lane'))?.backoff_level;
}
