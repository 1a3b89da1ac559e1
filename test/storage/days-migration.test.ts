import assert from 'node:assert/strict';
import { it } from 'node:test';
import { migrate } from '../../server/storage/migrate.ts';
import { stores } from '../support/stores.ts';

for (const { name, make } of stores)
  it(`a ${name} database from before there were days keeps all it has`, async () => {
    const store = await make();
    const db = await store.open();
    await migrate(db, 28);
    await db.transaction(async (tx) => {
      await tx.script(`insert into event (team_id, seq, id, type, is_test, deliveries, accepted_at, envelope)
        values ('t', 1, 'e1', 'a.b', 0, 2, 1700000000000, '{}'), ('t', 2, 'e2', 'a.b', 0, 0, 1700000000001, '{}')`);
      await tx.script(`insert into event_body (team_id, event_id, dialect, body)
        values ('t', 'e1', 'memberpass', 'shaped'), ('t', 'gone', 'memberpass', 'left over')`);
      const statuses = ['pending', 'failed', 'held', 'delivered', 'dead', 'cancelled'];
      await tx.script(`insert into delivery (team_id, id, endpoint_id, event_id, event_at, type, dialect, status, due_at, attempt_count, created_at)
        values ${statuses.map((status) => `('t', 'd-${status}', 'ep', 'e1', 1700000000000, 'a.b', 'memberpass', '${status}', 1, 0, 1)`).join(', ')}`);
    });
    await migrate(db);

    const where = db.engine === 'postgres' ? 'tableoid::regclass::text' : "''";
    const read = async (sql: string) => (await db.all<{ row: string }>(sql)).map(({ row }) => row.trim());
    const inTable = (table: string) => (db.engine === 'postgres' ? ` ${table}` : '');
    assert.deepEqual(await read(`select id || ' ' || accepted_at || ' ' || ${where} as row from event order by seq`), [
      `e1 1700000000000${inTable('event_rest')}`,
      `e2 1700000000001${inTable('event_rest')}`,
    ]);
    assert.deepEqual(
      await read(`select event_id || ' ' || accepted_at || ' ' || body as row from event_body order by event_id`),
      ['e1 1700000000000 shaped', 'gone 0 left over'],
    );
    assert.deepEqual(await read(`select id || ' ' || ${where} as row from delivery order by id`), [
      `d-cancelled${inTable('delivery_rest')}`,
      `d-dead${inTable('delivery_rest')}`,
      `d-delivered${inTable('delivery_rest')}`,
      `d-failed${inTable('delivery_unfinished')}`,
      `d-held${inTable('delivery_unfinished')}`,
      `d-pending${inTable('delivery_unfinished')}`,
    ]);
    await db.close();
    await store.remove();
  });
