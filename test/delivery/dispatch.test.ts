import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Database } from '../../server/storage/database.ts';
import { makeEngine, TEAM, testPoster } from '../support/engine.ts';
import { shutGate } from '../support/gate.ts';
import { startReceiver } from '../support/receiver.ts';
import { openMigrated, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { resultOf } from './answer.ts';

for (const { name, make } of stores)
  describe(`a lane that is read again on ${name}`, () => {
    it('does not send what was open when the read began, and is settled by the time the read has ended', async () => {
      const store = await make();
      const db = await openMigrated(store);
      const receiver = await startReceiver();
      const gate = shutGate();
      receiver.answer = gate.answer;
      let isWatched = false;
      const engine = makeEngine(
        afterReadDue(db, async () => {
          if (!isWatched) return;
          isWatched = false;
          // What was read says that the delivery is pending. It is settled before the reader gets to see that.
          gate.open();
          await until(async () => (await engine.deliveries())[0]?.status === 'delivered', 'the delivery to settle');
          // One more way to disk and back, so that the worker has heard of the one before.
          await db.transaction((tx) => tx.get('select 1 as one'));
          for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
        }),
      );
      engine.worker.start();
      try {
        const endpoint = await engine.addEndpoint({ url: receiver.url });
        const first = await engine.publishSample('team.created');
        await until(() => gate.held() === 1, 'the attempt');
        isWatched = true;
        // As when another process says that it has committed something at that time.
        const [delivery] = await engine.deliveries();
        engine.worker.wake(TEAM, endpoint, delivery?.due_at ?? 0);
        await until(() => !isWatched, 'the lane to be read again');
        const second = await engine.publishSample('team.created');
        await until(async () => (await engine.deliveries())[1]?.status === 'delivered', 'the next delivery');
        assert.deepEqual(
          receiver.received.map((request) => request.json.id),
          [first, second],
        );
      } finally {
        await engine.worker.stop();
        await receiver.close();
        await db.close();
        await store.remove();
      }
    });
  });

for (const { name, make } of stores)
  describe(`lanes that fall due at once on ${name}`, () => {
    it('are read a few at a time, and what was read is sent meanwhile', async () => {
      const store = await make();
      const db = await openMigrated(store);
      const lanes = 250;
      let read = 0;
      const readAtSends: number[] = [];
      const engine = makeEngine(
        countingSettings(db, (count) => (read += count)),
        undefined,
        undefined,
        {
          poster: testPoster({
            send: async () => {
              readAtSends.push(read);
              return resultOf('takes');
            },
            close: async () => undefined,
          }),
        },
      );
      try {
        for (let count = 0; count < lanes; count += 1) await engine.addEndpoint({ url: 'https://example.net/' });
        await engine.publishSample('team.created');
        engine.worker.start();
        await until(() => readAtSends.length === lanes, 'every delivery');
        assert.ok((readAtSends[0] ?? lanes) < 100, `${readAtSends[0]} lanes were read before the first was sent to`);
        assert.ok(read >= lanes);
      } finally {
        await engine.worker.stop();
        await db.close();
        await store.remove();
      }
    });
  });

/** The same database; tells how many endpoints' settings were read. */
function countingSettings(db: Database, count: (rows: number) => void): Database {
  return {
    ...db,
    async all<R extends object>(...[sql, params]: Parameters<Database['all']>) {
      const rows = await db.all<R>(sql, params);
      if (sql.includes('e.signature as signature')) count(rows.length);
      return rows;
    },
  };
}

/** The same database, but what is read of a lane's due deliveries is handed over only after `wait`. */
function afterReadDue(db: Database, wait: () => Promise<void>): Database {
  return {
    ...db,
    async all<R extends object>(...[sql, params]: Parameters<Database['all']>) {
      const rows = await db.all<R>(sql, params);
      if (/coalesce\(b\.body, e\.envelope\)/.test(sql)) await wait();
      return rows;
    },
  };
}
