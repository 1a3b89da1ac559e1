import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { Database } from '../../server/storage/database.ts';
import { type Engine, makeEngine, SECRET } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { openMigrated, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';

interface Setting {
  engine: Engine;
  db: Database;
  receiver: Receiver;
}

for (const { name, make } of stores) {
  describe(`the worker on ${name}`, () => {
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
        await stopped;
        await db.close();
        await store.remove();
      }
    }

    it('delivers a published event at once, signed so that standardwebhooks verifies it', () =>
      withEngine(async ({ engine, receiver }) => {
        await engine.addEndpoint({ url: `${receiver.url}/hook` });
        const id = await engine.publishSample('member.joined');
        const [request] = await receiver.waitFor(1);
        assert.ok(request);
        assert.equal(request.headers['webhook-id'], id);
        assert.equal(request.json.id, id);
        new Webhook(SECRET).verify(request.body, request.headers);
        await until(async () => (await engine.deliveries())[0]?.status === 'delivered', 'the delivery to settle');
        const [delivery] = await engine.deliveries();
        assert.ok(delivery);
        const [attempt, ...others] = await engine.attempts(delivery.id);
        assert.equal(attempt?.status, 204);
        assert.deepEqual(others, []);
      }));

    it('delivers a thousand events to each of three endpoints exactly once', () =>
      withEngine(async ({ engine, receiver }) => {
        for (const path of ['a', 'b', 'c']) await engine.addEndpoint({ url: `${receiver.url}/${path}` });
        const ids = await Promise.all(Array.from({ length: 1000 }, () => engine.publishSample('payment.succeeded')));
        await receiver.waitFor(3000);
        await until(
          async () => (await engine.deliveries()).every((delivery) => delivery.status === 'delivered'),
          'all deliveries to settle',
        );
        const seen = new Set(receiver.received.map((request) => `${request.path} ${request.json.id}`));
        assert.equal(receiver.received.length, 3000);
        assert.equal(seen.size, 3000);
        assert.ok(ids.every((id) => seen.has(`/b ${id}`)));
      }));

    it('repeats a failed attempt with the same bytes when the policy says so, and numbers the attempts', async () => {
      const clock = new FakeClock();
      await withEngine(async ({ engine, receiver }) => {
        let answers = 0;
        receiver.answer = (_, response) => response.writeHead(++answers < 3 ? 500 : 200).end('thanks');
        await engine.addEndpoint({ url: receiver.url });
        await engine.publishSample('member.joined');
        const status = async () => (await engine.deliveries())[0];
        await clock.advanceUntil(async () => (await status())?.status === 'failed', 'the first failure to settle');
        const [first] = await engine.attempts((await status())?.id ?? '');
        const wait = ((await status())?.due_at ?? 0) - (first?.started_at ?? 0);
        assert.ok(wait >= 5000 && wait <= 5500, `the second attempt is due after ${wait} ms`);
        await clock.advance(4000);
        assert.equal(receiver.received.length, 1);
        await clock.advanceUntil(async () => (await status())?.attempt_count === 2, 'the second failure to settle');
        await clock.advance(5 * 60_000);
        await clock.advanceUntil(async () => (await status())?.status === 'delivered', 'the delivery');
        assert.deepEqual(
          receiver.received.map((request) => request.headers['hookloom-attempt']),
          ['1', '2', '3'],
        );
        assert.equal(new Set(receiver.received.map((request) => request.body)).size, 1);
        const attempts = await engine.attempts((await status())?.id ?? '');
        assert.deepEqual(
          attempts.map((attempt) => [attempt.number, attempt.status, attempt.reply_body]),
          [
            [1, 500, 'thanks'],
            [2, 500, 'thanks'],
            [3, 200, 'thanks'],
          ],
        );
      }, clock);
    });

    it('lets everything else settle while one receiver hangs', () =>
      withEngine(async ({ engine, receiver }) => {
        receiver.answer = (request, response) => {
          if (request.path !== '/hangs') response.writeHead(204).end();
        };
        await engine.addEndpoint({ url: `${receiver.url}/hangs` });
        const good = await engine.addEndpoint({ url: `${receiver.url}/good` });
        await Promise.all(Array.from({ length: 100 }, () => engine.publishSample('member.joined')));
        const settled = async () =>
          (await engine.deliveries()).filter((one) => one.endpoint_id === good && one.status === 'delivered').length;
        await until(async () => (await settled()) === 100, 'the good endpoint to get all of its deliveries');
        const hanging = receiver.received.filter((request) => request.path === '/hangs').length;
        assert.ok(hanging > 0 && hanging <= 10, `${hanging} attempts are open at the hanging endpoint`);
        const statuses = (await engine.deliveries()).filter((one) => one.endpoint_id !== good);
        assert.ok(statuses.every((one) => one.status === 'pending'));
      }));

    it('asks to retire an endpoint whose receiver answers 410, and sends it nothing more', () =>
      withEngine(async ({ engine, receiver }) => {
        receiver.answer = (_, response) => response.writeHead(410).end();
        const id = await engine.addEndpoint({ url: receiver.url });
        await engine.publishSample('member.joined');
        await until(() => engine.retired.length > 0, 'the endpoint to be retired');
        assert.deepEqual(engine.retired, [id]);
        assert.equal((await engine.deliveries())[0]?.status, 'dead');
      }));

    it('finds work that was committed without a wake-up', () =>
      withEngine(async ({ engine, receiver }) => {
        await engine.addEndpoint({ url: receiver.url });
        const quiet = makeEngine(engine.db);
        await quiet.publishSample('member.joined');
        await receiver.waitFor(1);
        await quiet.worker.stop();
      }));
  });
}
