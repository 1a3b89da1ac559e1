import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countBacklog } from '../../server/storage/backlog.ts';
import type { Database } from '../../server/storage/database.ts';
import { openMigrated, stores } from '../support/stores.ts';

const NOW = 1_000_000;

/** `count` deliveries over seven endpoints, of which those of every third are final; due one after the other. */
async function fill(db: Database, count: number): Promise<void> {
  await db.transaction((tx) =>
    tx.script(`insert into delivery
      (team_id, id, endpoint_id, event_id, event_at, type, dialect, status, due_at, attempt_count, created_at)
      with recursive n (i) as (select 0 union all select i + 1 from n where i < ${count - 1})
      select 'team-' || (i % 2), 'dlv_' || i, 'ep_' || (i % 7), 'evt_' || i, 0, 'a.b', 'standard',
        case i % 3 when 0 then 'pending' when 1 then 'failed' else 'delivered' end, ${NOW} + i, 0, 0 from n`),
  );
}

for (const { name, make } of stores)
  describe(`the backlog on ${name}`, () => {
    it('is counted in steps with rests between them, and its earliest due time found', async () => {
      const store = await make();
      const db = await openMigrated(store);
      const count = db.engine === 'sqlite' ? 9000 : 90_000;
      await fill(db, count);
      let rests = 0;
      const backlog = await countBacklog(db, NOW, async () => {
        rests += 1;
      });
      assert.equal(backlog.deliveries, (count / 3) * 2);
      assert.equal(backlog.oldestDueAt, NOW);
      assert.equal(backlog.countedAt, NOW);
      assert.equal(rests, 3);
      await db.close();
      await store.remove();
    });

    it('of a whole number of steps is counted to its end', async () => {
      const store = await make();
      const db = await openMigrated(store);
      const step = db.engine === 'sqlite' ? 2000 : 20_000;
      await fill(db, (step / 2) * 3);
      assert.equal((await countBacklog(db, NOW, async () => undefined)).deliveries, step);
      await db.close();
      await store.remove();
    });

    it('of nothing is nothing, with no earliest due time; lanes are told apart by their state', async () => {
      const store = await make();
      const db = await openMigrated(store);
      for (const [id, isOpen, backoffUntil] of [
        ['a', 1, null],
        ['b', 1, NOW - 1],
        ['c', 1, NOW + 1],
        ['d', 0, NOW + 1],
        ['e', 0, null],
      ] as const)
        await db.transaction((tx) =>
          tx.run("insert into lane (team_id, endpoint_id, is_open, backoff_until) values ('default', ?1, ?2, ?3)", [
            id,
            isOpen,
            backoffUntil,
          ]),
        );
      assert.deepEqual(await countBacklog(db, NOW, async () => undefined), {
        countedAt: NOW,
        deliveries: 0,
        oldestDueAt: null,
        lanes: { open: 2, backing_off: 1, closed: 2 },
      });
      await db.close();
      await store.remove();
    });
  });
