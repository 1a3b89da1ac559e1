import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointView } from '../../server/storage/endpoints.ts';
import { readEndpoint } from '../../server/storage/endpoints.ts';
import { type Engine, makeEngine, TEAM } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { openMigrated, stores } from '../support/stores.ts';

/** The data of operational events, as far as tests look. */
interface Told {
  endpoint: { id: string };
  delivery: { id: string };
  event: { id: string };
  reason: string;
  last_attempt: object;
}

const HOUR = 60 * 60_000;

interface Setting {
  engine: Engine;
  clock: FakeClock;
  receiver: Receiver;
  endpoint(id: string): Promise<EndpointView>;
  statuses(): Promise<string[]>;
  /** Publishes one event and waits for its first attempt to settle. */
  fail(): Promise<void>;
}

for (const { name, make } of stores)
  describe(`an endpoint that keeps failing on ${name}`, () => {
    async function withEngine(test: (setting: Setting) => Promise<void>): Promise<void> {
      const store = await make();
      const db = await openMigrated(store);
      const receiver = await startReceiver();
      receiver.answer = (_, response) => response.writeHead(500).end();
      const clock = new FakeClock();
      const engine = makeEngine(db, clock);
      const statuses = async () => (await engine.deliveries()).map((delivery) => delivery.status);
      try {
        engine.worker.start();
        await test({
          engine,
          clock,
          receiver,
          statuses,
          endpoint: async (id) => (await readEndpoint(db, TEAM, id)) ?? assert.fail(`no endpoint ${id}`),
          async fail() {
            await engine.publishSample('team.created');
            await clock.advanceUntil(async () => !(await statuses()).includes('pending'), 'the attempt to settle');
          },
        });
      } finally {
        const stopped = engine.worker.stop();
        await receiver.close();
        await clock.advance(20_000);
        await stopped;
        await db.close();
        await store.remove();
      }
    }

    it('is disabled after 20 failures in a row under the policy memberpass, says why, and holds what waits and what comes', () =>
      withEngine(async ({ engine, clock, receiver, endpoint, statuses }) => {
        const id = await engine.addEndpoint({ url: receiver.url, retry_policy: 'memberpass', max_in_flight: 1 });
        await Promise.all(Array.from({ length: 30 }, () => engine.publishSample('team.created')));
        await clock.advanceUntil(async () => (await endpoint(id)).state === 'disabled', 'the endpoint to be disabled');
        assert.equal(receiver.received.length, 20);
        const { disabled_reason: reason, disabled_at: at, consecutive_failures: failures } = await endpoint(id);
        assert.equal(failures, 20);
        assert.match(reason ?? '', /^20 attempts in a row failed since 2026-05-01T12:00:.*answered 500/);
        assert.ok(at !== null && at <= clock.now());
        await engine.publishSample('team.created');
        await clock.advance(HOUR);
        assert.equal(receiver.received.length, 20);
        assert.deepEqual([...new Set(await statuses())], ['held']);
        assert.equal((await statuses()).length, 31);
      }));

    it('is told of once, to who asked for it, in the transaction that disables it', () =>
      withEngine(async ({ engine, clock, receiver, endpoint }) => {
        const id = await engine.addEndpoint({
          url: receiver.url,
          retry_policy: 'memberpass',
          events: '["team.created"]',
        });
        await engine.addEndpoint({ url: `${receiver.url}/ear`, events: '["webhook.endpoint_disabled"]' });
        receiver.answer = ({ path }, response) => response.writeHead(path === '/ear' ? 204 : 500).end();
        await Promise.all(Array.from({ length: 40 }, () => engine.publishSample('team.created')));
        const told = () =>
          receiver.received.filter(({ path }) => path === '/ear').map((request) => request.json.data as Told);
        await clock.advanceUntil(() => told().length > 0, 'the event of it');
        await clock.advance(10_000);
        const [event, ...others] = told();
        assert.deepEqual(others, []);
        assert.deepEqual(event?.endpoint.id, id);
        assert.equal(event?.reason, (await endpoint(id)).disabled_reason);
        assert.deepEqual(event?.last_attempt, { status: 500, error: null });
      }));

    it('has each delivery that its policy gives up told of', () =>
      withEngine(async ({ engine, clock, receiver }) => {
        receiver.answer = ({ path }, response) => response.writeHead(path === '/ear' ? 204 : 500).end();
        await engine.addEndpoint({ url: receiver.url, retry_policy: 'memberply', events: '["team.created"]' });
        await engine.addEndpoint({ url: `${receiver.url}/ear`, events: '["webhook.delivery_dead"]' });
        const ids = [await engine.publishSample('team.created'), await engine.publishSample('team.created')];
        const told = () =>
          receiver.received.filter(({ path }) => path === '/ear').map((request) => request.json.data as Told);
        await clock.advanceUntil(async () => {
          const waiting = (await engine.deliveries()).filter(({ status }) => status === 'failed');
          // Straight to the next attempt. While one is under way time passes slowly: leases must not end before the database answers.
          const wait = Math.min(...waiting.map((delivery) => delivery.due_at)) - clock.now();
          if (wait > 0 && waiting.length > 0) await clock.advance(wait);
          return told().length === 2;
        }, 'both events');
        assert.deepEqual(
          told()
            .map((data) => data.event.id)
            .toSorted(),
          ids.toSorted(),
        );
        assert.match(told()[0]?.reason ?? '', /^Attempt 5 was the last one that the retry policy "memberply" allows/);
        const dead = (await engine.deliveries()).filter((delivery) => delivery.status === 'dead');
        assert.deepEqual(
          told()
            .map((data) => data.delivery.id)
            .toSorted(),
          dead.map((delivery) => delivery.id).toSorted(),
        );
      }));

    it('is disabled under other policies only when the first of the failures is a day old', () =>
      withEngine(async ({ engine, clock, receiver, endpoint, fail }) => {
        const id = await engine.addEndpoint({ url: receiver.url });
        for (let count = 0; count < 25; count += 1) await fail();
        assert.equal((await endpoint(id)).state, 'active');
        const { failing_since: since } = await endpoint(id);
        await clock.advanceUntil(async () => {
          await clock.advance(HOUR);
          return (await endpoint(id)).state === 'disabled';
        }, 'the endpoint to be disabled');
        assert.ok(since !== null && clock.now() - since >= 24 * HOUR);
      }));

    it('starts to count anew with a success', () =>
      withEngine(async ({ engine, clock, receiver, endpoint, statuses }) => {
        const id = await engine.addEndpoint({ url: receiver.url, retry_policy: 'memberpass', max_in_flight: 1 });
        let answers = 0;
        receiver.answer = (_, response) => response.writeHead(++answers % 20 === 0 ? 204 : 500).end();
        await Promise.all(Array.from({ length: 19 }, () => engine.publishSample('team.created')));
        await clock.advanceUntil(() => answers >= 25, 'a success among the failures');
        await clock.advanceUntil(async () => (await statuses()).includes('delivered'), 'the success to settle');
        assert.equal((await endpoint(id)).state, 'active');
      }));
  });
