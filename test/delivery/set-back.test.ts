import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeEngine } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { shutGate } from '../support/gate.ts';
import { startReceiver } from '../support/receiver.ts';
import { openMigrated, stores } from '../support/stores.ts';

const HOURS_MS = 2 * 3600 * 1000;
const BACKLOG = 300;

for (const { name, make } of stores)
  describe(`a clock that is set back on ${name}`, () => {
    it('makes nothing wait for the time in which it was ahead', async () => {
      const store = await make();
      const db = await openMigrated(store);
      const gate = shutGate();
      const receiver = await startReceiver((request, response) => {
        if (request.path === '/sound') gate.answer(request, response);
        else response.writeHead(request.headers['hookloom-attempt'] === '1' ? 500 : 204).end();
      });
      const clock = new FakeClock();
      const engine = makeEngine(db, clock);
      try {
        await engine.addEndpoint({ url: `${receiver.url}/failing`, events: '["member.joined"]' });
        await engine.addEndpoint({ url: `${receiver.url}/ordered`, events: '["member.joined"]', ordered: 1 });
        await engine.addEndpoint({ url: `${receiver.url}/sound`, events: '["payment.succeeded"]' });
        engine.worker.start();
        await engine.publishSample('member.joined');
        const statuses = async () => (await engine.deliveries()).map(({ status }) => status);
        await clock.advanceUntil(async () => (await statuses()).join() === 'failed,failed', 'two failures');
        // More than a lane keeps in memory: the rest is read when its turn comes, by its due time.
        await Promise.all(Array.from({ length: BACKLOG }, () => engine.publishSample('payment.succeeded')));
        const atSound = () => receiver.received.filter(({ path }) => path === '/sound').length;
        assert.ok(atSound() < BACKLOG);
        clock.set(clock.now() - HOURS_MS);
        gate.open();
        await clock.advanceUntil(() => atSound() === BACKLOG, 'all that waited');
        const setAt = clock.now();
        const isDone = async () => (await statuses()).every((status) => status === 'delivered');
        await clock.advanceUntil(isDone, 'the retries');
        const waited = clock.now() - setAt;
        // Their waits began again, and were not cut short either.
        assert.ok(waited > 2000 && waited < 30_000, `the retries came after ${waited} ms`);
        assert.equal(receiver.received.length, BACKLOG + 4);
      } finally {
        const stopped = engine.worker.stop();
        await receiver.close();
        await stopped;
        await db.close();
        await store.remove();
      }
    });
  });
