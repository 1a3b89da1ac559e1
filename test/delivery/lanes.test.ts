import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Settlement } from '../../server/delivery/settle.ts';
import type { Database } from '../../server/storage/database.ts';
import {
  armSleepers,
  claimLanes,
  isLaneDue,
  reapLeases,
  releaseLanes,
  renewLeases,
} from '../../server/storage/lanes.ts';
import { type Engine, makeEngine, TEAM } from '../support/engine.ts';
import { openMigrated, procedures, stores } from '../support/stores.ts';
import { resultOf } from './answer.ts';

const LEASE = 15_000;

interface LaneRow {
  owner: string | null;
  fence: number;
  next_due_at: number | null;
}

for (const { name, make } of stores) {
  describe(`lanes on ${name}`, () => {
    /** An engine whose worker is not started, with one endpoint. */
    async function withLane(test: (setting: { engine: Engine; db: Database; endpoint: string }) => Promise<void>) {
      const store = await make();
      const db = await openMigrated(store);
      const engine = makeEngine(db);
      try {
        await test({ engine, db, endpoint: await engine.addEndpoint({ url: 'http://127.0.0.1:9/' }) });
      } finally {
        await db.close();
        await store.remove();
      }
    }
    const readLane = (db: Database) => db.get<LaneRow>('select owner, fence, next_due_at from lane');
    const claim = async (db: Database, owner: string) => {
      const now = Date.now();
      const [lane] = await claimLanes(db, owner, now, now + LEASE, 10);
      return lane && { teamId: lane.team_id, endpointId: lane.endpoint_id, fence: lane.fence };
    };

    it('are armed by a publish, leased by one worker, and not by a second', () =>
      withLane(async ({ engine, db, endpoint }) => {
        assert.equal(await isLaneDue(db, Date.now()), false);
        await engine.publishSample('member.joined');
        assert.equal(await isLaneDue(db, Date.now()), true);
        const lane = await claim(db, 'a');
        assert.deepEqual(lane, { teamId: TEAM, endpointId: endpoint, fence: 1 });
        assert.equal(await claim(db, 'b'), undefined);
        assert.equal((await renewLeases(db, 'a', Date.now() + LEASE)).length, 1);
      }));

    it('change hands when a lease is over, with a higher fence', () =>
      withLane(async ({ engine, db }) => {
        await engine.publishSample('member.joined');
        await claim(db, 'a');
        assert.equal(await reapLeases(db, Date.now()), 0);
        assert.equal(await reapLeases(db, Date.now() + LEASE + 1000), 1);
        assert.equal((await claim(db, 'b'))?.fence, 2);
        assert.deepEqual(await renewLeases(db, 'a', Date.now() + LEASE), []);
      }));

    it('drop a late settlement of the owner before: it changes no row', () =>
      withLane(async ({ engine, db }) => {
        await engine.publishSample('member.joined');
        const before = await claim(db, 'a');
        assert.ok(before);
        await reapLeases(db, Date.now() + LEASE + 1000);
        const after = await claim(db, 'b');
        assert.ok(after);
        const [delivery] = await engine.deliveries();
        assert.ok(delivery);
        const settlement: Settlement = {
          ...before,
          deliveryId: delivery.id,
          attemptNumber: 1,
          startedAt: Date.now(),
          result: resultOf('takes'),
          status: 'delivered',
          dueAt: delivery.due_at,
          settledAt: Date.now(),
          retryAt: null,
          health: {
            consecutive_failures: 7,
            failing_since: null,
            last_success_at: 1,
            backoff_until: null,
            backoff_level: 0,
          },
        };
        assert.equal(await engine.settle(settlement), false);
        assert.deepEqual(await engine.deliveries(), [delivery]);
        assert.deepEqual(await engine.attempts(delivery.id), []);
        assert.equal(await engine.settle({ ...settlement, fence: after.fence }), true);
        assert.equal((await engine.deliveries())[0]?.status, 'delivered');
      }));

    it('do not go to sleep on a delivery whose publisher has not committed yet', () =>
      withLane(async ({ engine, db }) => {
        await engine.publishSample('member.joined');
        const lane = await claim(db, 'a');
        assert.ok(lane);
        await settleAll(engine, lane);
        // The publisher has seen the lane armed and leased, so it does not arm it; its delivery is not committed yet.
        const publish = Promise.withResolvers<void>();
        const isHolding = Promise.withResolvers<void>();
        const slow = makeEngine(
          pausing(db, /insert into delivery/, async () => {
            isHolding.resolve();
            await publish.promise;
          }),
        );
        const published = slow.publishSample('member.joined');
        await isHolding.promise;
        const released = releaseLanes(db, [lane]);
        if (db.engine === 'postgres') await released;
        publish.resolve();
        await Promise.all([published, released]);
        const row = await readLane(db);
        assert.ok(row?.owner === 'a' || row?.next_due_at !== null, 'the lane sleeps on a waiting delivery');
      }));

    it('are armed by a publisher that waited for them to go to sleep', () =>
      withLane(async ({ engine, db }) => {
        await engine.publishSample('member.joined');
        const lane = await claim(db, 'a');
        assert.ok(lane);
        await settleAll(engine, lane);
        const release = Promise.withResolvers<void>();
        const isHolding = Promise.withResolvers<void>();
        const slow = pausing(db, /update lane set owner = null/, async () => {
          isHolding.resolve();
          await release.promise;
        });
        const released = releaseLanes(slow, [lane]);
        await isHolding.promise;
        const published = engine.publishSample('member.joined');
        release.resolve();
        await Promise.all([released, published]);
        const row = await readLane(db);
        assert.equal(row?.owner, null);
        assert.notEqual(row?.next_due_at, null);
      }));

    it('sleep when nothing waits, and wait for the earliest delivery when something does', () =>
      withLane(async ({ engine, db }) => {
        await engine.publishSample('member.joined');
        const lane = await claim(db, 'a');
        assert.ok(lane);
        const [delivery] = await engine.deliveries();
        assert.deepEqual(await releaseLanes(db, [lane]), [lane]);
        assert.equal((await readLane(db))?.next_due_at, delivery?.due_at);
        const again = await claim(db, 'a');
        assert.ok(again);
        await settleAll(engine, again);
        await releaseLanes(db, [again]);
        assert.deepEqual({ ...(await readLane(db)) }, { owner: null, fence: 2, next_due_at: null });
      }));

    it('that sleep on a waiting delivery all the same are found by the sweep', () =>
      withLane(async ({ engine, db }) => {
        await engine.publishSample('member.joined');
        await engine.addEndpoint({ url: 'http://127.0.0.1:9/other' });
        assert.equal(await armSleepers(db, Date.now()), 0);
        await db.transaction((tx) => tx.run('update lane set next_due_at = null'));
        assert.equal(await armSleepers(db, Date.now()), 1);
        assert.equal(await isLaneDue(db, Date.now()), true);
      }));
  });
}

/** Settles everything that waits in a lane as delivered. */
async function settleAll(engine: Engine, lane: { teamId: string; endpointId: string; fence: number }): Promise<void> {
  for (const delivery of await engine.deliveries()) {
    if (delivery.status !== 'pending') continue;
    await engine.settle({
      ...lane,
      deliveryId: delivery.id,
      attemptNumber: 1,
      startedAt: 0,
      result: resultOf('takes'),
      status: 'delivered',
      retryAt: null,
      dueAt: delivery.due_at,
      settledAt: 0,
      health: undefined,
    });
  }
}

/** The same database, but before a statement that matches, inside its transaction, `wait` runs first. */
function pausing(db: Database, statement: RegExp, wait: () => Promise<void>): Database {
  const slow: Database = {
    ...db,
    transaction: (work) =>
      db.transaction((tx) => {
        const paused = async <T>(sql: string, run: () => Promise<T>): Promise<T> => {
          if (statement.test(sql)) await wait();
          return run();
        };
        return work({
          ...tx,
          all: (sql, params) => paused(sql, () => tx.all(sql, params)),
          run: (sql, params) => paused(sql, () => tx.run(sql, params)),
        });
      }),
    perform: <T>(procedure: string, argument: unknown) =>
      slow.transaction((tx) => procedures[procedure]?.(tx, argument as never) as Promise<T>),
  };
  return slow;
}
