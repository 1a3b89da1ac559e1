import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../../server/clock.ts';
import { type Database, type Statements, StorageUnavailable } from '../../server/storage/database.ts';
import { type Engine, makeEngine } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { openMigrated, postgresStore, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';

interface Setting {
  engine: Engine;
  db: Database;
  receiver: Receiver;
}

/** An engine whose database is changed by `change`, with one endpoint that has had one delivery. */
async function withLeasedLane(
  make: (typeof stores)[number]['make'],
  change: (db: Database) => Database,
  test: (setting: Setting) => Promise<void>,
  clock?: Clock,
): Promise<void> {
  const store = await make();
  const db = await openMigrated(store);
  const receiver = await startReceiver();
  const engine = makeEngine(change(db), clock);
  engine.worker.start();
  try {
    await engine.addEndpoint({ url: receiver.url });
    await engine.publishSample('team.created');
    const isDelivered = async () => (await engine.deliveries())[0]?.status === 'delivered';
    if (clock instanceof FakeClock) await clock.advanceUntil(isDelivered, 'the delivery');
    else await until(isDelivered, 'the delivery');
    await test({ engine, db, receiver });
  } finally {
    const stopped = engine.worker.stop();
    await receiver.close();
    await stopped;
    await db.close();
    await store.remove();
  }
}

// On SQLite transactions come one after the other, so none is in the way.
it('a worker that stops lets go of a lane that somebody is committing to, as soon as that is done (PostgreSQL)', async () => {
  let refusals = 0;
  const watch = (db: Database): Database =>
    within(db, (tx) => ({
      ...tx,
      async all<R extends object>(...[sql, params]: Parameters<Statements['all']>) {
        const rows = await tx.all<R>(sql, params);
        if (/skip locked/.test(sql) && rows.length === 0) refusals += 1;
        return rows;
      },
    }));
  await withLeasedLane(postgresStore, watch, async ({ engine, db }) => {
    const isHolding = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const committing = db.transaction(async (tx) => {
      await tx.all('select endpoint_id from lane /*+ for key share */');
      isHolding.resolve();
      await commit.promise;
    });
    await isHolding.promise;
    const stopped = engine.worker.stop();
    await until(() => refusals > 0, 'the worker to find the lane busy');
    commit.resolve();
    await Promise.all([committing, stopped]);
    const lane = await db.get<{ owner: string | null }>('select owner from lane');
    assert.equal(lane?.owner, null, 'nobody has to wait for the lease to run out');
  });
});

for (const { name, make } of stores)
  describe(`an idle lane on ${name}`, () => {
    it('is let go after all when the database was away the first time, and does not stay with a worker that forgot it', async () => {
      let failures = 0;
      const failOnce = (db: Database): Database =>
        within(db, (tx) => ({
          ...tx,
          all: (sql, params) => {
            if (failures > 0 || !/set owner = null/.test(sql)) return tx.all(sql, params);
            failures += 1;
            throw new StorageUnavailable('the test has unplugged it');
          },
        }));
      const clock = new FakeClock();
      await withLeasedLane(
        make,
        failOnce,
        async ({ engine, receiver }) => {
          // While another of its lanes is busy, the worker goes on renewing its leases.
          receiver.answer = ({ path }, response) => path === '/hangs' || response.writeHead(204).end();
          await engine.addEndpoint({ url: `${receiver.url}/hangs`, events: '["team.deleted"]' });
          await engine.publishSample('team.deleted');
          await clock.advanceUntil(() => failures === 1, 'the worker to let go of the lane');
          const id = await engine.publishSample('team.created');
          await clock.advanceUntil(
            () => receiver.received.some((request) => request.json.id === id),
            'the next event, long before the worker ends',
          );
        },
        clock,
      );
    });
  });

/** The same database with other statements in its transactions. */
function within(db: Database, change: (tx: Statements) => Statements): Database {
  return { ...db, transaction: (work) => db.transaction((tx) => work(change(tx))) };
}
