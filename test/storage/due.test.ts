import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Database } from '../../server/storage/database.ts';
import { readDues } from '../../server/storage/due.ts';
import { makeEngine, TEAM } from '../support/engine.ts';
import { openMigrated, type Store, stores } from '../support/stores.ts';

const START = { dueAt: -1, id: '' };

for (const { name, make } of stores)
  describe(`what is due, read for many lanes at once: ${name}`, () => {
    let store: Store;
    let db: Database;
    const ids: string[] = [];
    before(async () => {
      store = await make();
      db = await openMigrated(store);
      const engine = makeEngine(db);
      for (const path of ['a', 'b', 'c']) ids.push(await engine.addEndpoint({ url: `http://127.0.0.1:9/${path}` }));
      await Promise.all(Array.from({ length: 12 }, () => engine.publishSample('member.created')));
    });
    after(async () => {
      await db.close();
      await store.remove();
    });
    const read = (endpointId: string | undefined, cursor = START, limit = 100) => ({
      teamId: TEAM,
      endpointId: endpointId ?? '',
      cursor,
      limit,
    });

    it('each lane gets its own deliveries, earliest first, as many as it asks for and from its cursor on', async () => {
      const [all = [], few = [], none = []] = await readDues(
        db,
        [read(ids[0]), read(ids[1], START, 5), read('ep_none')],
        Date.now(),
      );
      assert.equal(all.length, 12);
      assert.equal(few.length, 5);
      assert.deepEqual(none, []);
      for (const due of [all, few])
        assert.deepEqual(
          due.map(({ due_at, id }) => `${due_at} ${id}`),
          due.map(({ due_at, id }) => `${due_at} ${id}`).sort(),
        );
      const last = few.at(-1);
      const cursor = { dueAt: last?.due_at ?? 0, id: last?.id ?? '' };
      const [rest = [], again = []] = await readDues(db, [read(ids[1], cursor), read(ids[1], START)], Date.now());
      assert.deepEqual([...few, ...rest], again);
    });

    it('what is due later is not among them', async () => {
      assert.deepEqual(await readDues(db, [read(ids[2]), read(ids[0])], Date.now() - 3_600_000), [[], []]);
    });

    it('a delivery comes with the body that was frozen for it', async () => {
      const [[due] = []] = await readDues(db, [read(ids[2], START, 1), read(ids[0])], Date.now());
      const body = JSON.parse(String(due?.body)) as { id: string; type: string };
      assert.deepEqual([body.id, body.type], [due?.event_id, 'member.created']);
      assert.equal(due?.attempt_count, 0);
      assert.equal(due?.is_test, 0);
    });
  });
