import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Database, Value } from '../../server/storage/database.ts';
import { insertDeliveries } from '../../server/storage/publishing.ts';
import { insertAttempts, settleDeliveries } from '../../server/storage/settling.ts';
import { openMigrated, type Store, stores } from '../support/stores.ts';

const AT = Date.parse('2026-06-01T12:00:00Z');

for (const { name, make } of stores)
  describe(`settling on ${name}`, () => {
    let store: Store;
    let db: Database;
    before(async () => {
      store = await make();
      db = await openMigrated(store);
    });
    after(async () => {
      await db.close();
      await store.remove();
    });

    // Statements are made for some numbers of rows; for others the last row is repeated.
    for (const count of [1, 3, 6, 7, 13, 50])
      it(`of ${count} deliveries changes each of them once, and no other`, async () => {
        const ids = Array.from({ length: count }, (_, n) => `dlv_${count}_${n}`);
        const rowOf = (id: string): Value[] => [
          'default',
          id,
          'ep',
          'evt',
          AT,
          'a.b',
          'standard',
          'pending',
          AT,
          0,
          null,
          AT,
        ];
        await db.transaction(async (tx) => {
          await insertDeliveries(tx, [...ids, `dlv_${count}_other`].map(rowOf));
          await settleDeliveries(
            tx,
            ids.map((id, n) => ['default', id, n % 2 === 0 ? 'delivered' : 'failed', AT + n, null, 1, AT]),
          );
          await insertAttempts(
            tx,
            ids.map((id) => ['default', id, 1, AT, 5, 204, null, '{}', 'ok']),
          );
        });
        const settled = await db.all(
          `select d.status as status, d.due_at as due_at, (select count(*) from attempt a where a.team_id = d.team_id and a.delivery_id = d.id) as attempts
          from delivery d where d.team_id = 'default' and d.id like ?1`,
          [`dlv_${count}_%`],
        );
        assert.equal(settled.length, count + 1);
        const told = settled.map((row) => Object.values(row).join(' ')).toSorted();
        assert.deepEqual(
          told,
          [...ids.map((_, n) => `${n % 2 === 0 ? 'delivered' : 'failed'} ${AT + n} 1`), `pending ${AT} 0`].toSorted(),
        );
      });
  });
