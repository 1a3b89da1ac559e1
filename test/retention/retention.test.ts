import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newId } from '../../server/id.ts';
import { createLog } from '../../server/observe/log.ts';
import { Retention } from '../../server/retention/retention.ts';
import { takeChore } from '../../server/storage/chores.ts';
import type { Database } from '../../server/storage/database.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { openMigrated, stores } from '../support/stores.ts';

const DAY = 24 * 3600_000;
const MINUTE = 60_000;

for (const { name, make } of stores)
  describe(`retention on ${name}`, () => {
    const keep = { events: DAY, payloads: DAY };
    const add = (db: Database, count: number, at: number) =>
      db.transaction((tx) =>
        tx.script(`insert into event (team_id, seq, id, type, is_test, deliveries, accepted_at, envelope)
          with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})
          select 'default', (select coalesce(max(seq), 0) from event) + i, '${newId('evt')}' || i, 'a.b', 0, 0, ${at}, '{}' from n`),
      );
    const count = async (db: Database) =>
      (await db.get<{ n: number }>('select count(*) as n from event'))?.n ?? Number.NaN;

    it('prunes a minute after the start, and from then on once an hour', async () => {
      const store = await make();
      const db = await openMigrated(store);
      const clock = new FakeClock();
      const retention = new Retention({ db, clock, log: createLog('silent'), keep });
      await add(db, 250, clock.now() - 2 * DAY);
      retention.start();
      await clock.advance(MINUTE - 1);
      assert.equal(await count(db), 250);
      await clock.advanceUntil(async () => (await count(db)) === 0, 'the first pass');
      await clock.advanceUntil(async () => !(await isTaken(db)), 'its end');
      await add(db, 1, clock.now() - 2 * DAY);
      const from = clock.now();
      await clock.advance(50 * MINUTE);
      assert.equal(await count(db), 1);
      await untilSlowly(clock, async () => (await count(db)) === 0);
      assert.ok(clock.now() - from >= 59 * MINUTE, `the second pass came after ${clock.now() - from} ms`);
      await retention.stop();
      await db.close();
      await store.remove();
    });

    it('is one process work at a time; a stopped one leaves its turn at once, a dead one after two minutes', async () => {
      const store = await make();
      const db = await openMigrated(store);
      const clock = new FakeClock();
      const make2 = () => new Retention({ db, clock, log: createLog('silent'), keep });
      // Another process has taken the turn and dies.
      assert.ok(await takeChore(db, 'retention', 'wrk_dead', clock.now(), clock.now() + 2 * MINUTE));
      assert.equal(await takeChore(db, 'retention', 'wrk_other', clock.now(), clock.now() + MINUTE), false);
      await add(db, 1000, clock.now() - 2 * DAY);
      const first = make2();
      first.start();
      await clock.advance(MINUTE + 1);
      assert.equal(await count(db), 1000);
      await clock.advanceUntil(async () => (await count(db)) < 1000, 'the turn to be taken over');
      await first.stop();
      const left = await count(db);
      assert.ok(left > 0, 'it stopped in the midst of its work');
      assert.equal(await isTaken(db), false);
      const second = make2();
      second.start();
      await clock.advanceUntil(async () => (await count(db)) === 0, 'the next process to go on');
      await second.stop();
      await db.close();
      await store.remove();
    });
  });

async function isTaken(db: Database): Promise<boolean> {
  return (await db.get("select 1 as taken from chore where name = 'retention' and owner is not null")) !== undefined;
}

async function untilSlowly(clock: FakeClock, condition: () => Promise<boolean>): Promise<void> {
  for (let minutes = 0; minutes < 30 && !(await condition()); minutes += 1) {
    await clock.advance(MINUTE);
    // The pass runs on a real database.
    for (let turns = 0; turns < 20 && !(await condition()); turns += 1) await clock.advance(25);
  }
}
