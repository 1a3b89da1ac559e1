import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { earliestDeliveryId } from '../../server/id.ts';
import type { Database, Statements, Value } from '../../server/storage/database.ts';
import { dropDays, makeDays, tablesToWalk } from '../../server/storage/days.ts';
import { insertBodies, insertDeliveries } from '../../server/storage/publishing.ts';
import { insertAttempts, settleDeliveries } from '../../server/storage/settling.ts';
import { insertNumberedEvents } from '../support/numbered-events.ts';
import { openMigrated, postgresStore, type Store, sqliteStore } from '../support/stores.ts';

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const TODAY = Date.parse('2026-06-01T12:00:00Z');

/** What days are made and dropped with, and what was told meanwhile. */
function partsOf(db: Database) {
  const told: { message: string; table: string; reason: string }[] = [];
  const log = {
    warn: ({ err, table }: { err?: Error; table?: string }, message: string) =>
      told.push({ message, table: table ?? '', reason: err?.message ?? '' }),
  };
  return { parts: { db, log, earliestId: earliestDeliveryId }, told };
}

describe('days on PostgreSQL', () => {
  let store: Store;
  let db: Database;
  let days: ReturnType<typeof partsOf>;
  let seq = 0;
  beforeEach(async () => {
    await db?.close();
    await store?.remove();
    store = await postgresStore();
    db = await openMigrated(store);
    days = partsOf(db);
  });
  after(async () => {
    await db.close();
    await store.remove();
  });

  /** An event with a body, one delivery that waits, and its first attempt. @returns the delivery's id */
  async function add(name: string, time: number, deliveredAs = time): Promise<string> {
    seq += 1;
    const id = `${earliestDeliveryId(deliveredAs)}-${name}`;
    await db.transaction(async (tx) => {
      await insertNumberedEvents(tx, [[seq, 'default', name, 'a.b', null, 0, 1, time, '{}', null]]);
      await insertBodies(tx, [['default', name, time, 'memberpass', '{}']]);
      await addDelivery(tx, id, name, time, deliveredAs);
      await insertAttempts(tx, [['default', id, 1, time, 5, 500, null, '{}', 'ok']]);
    });
    return id;
  }
  const addDelivery = (tx: Statements, id: string, event: string, eventAt: number, at: number) => {
    const row: Value[] = ['default', id, 'ep', event, eventAt, 'a.b', 'standard', 'pending', at, 0, null, at];
    return insertDeliveries(tx, [row]);
  };
  const settle = (id: string, at: number) =>
    db.transaction((tx) => settleDeliveries(tx, [['default', id, 'delivered', at, null, 1, at]]));
  const make = (now: number) => makeDays(days.parts, now);
  const drop = (now: number) => dropDays(days.parts, { before: now - 30 * DAY, endedBefore: now - DAY });
  const tablesOf = async (table: string) =>
    (await db.all<{ name: string }>(`select distinct tableoid::regclass::text as name from ${table} order by 1`)).map(
      ({ name }) => name,
    );
  const all = async () => (await Promise.all(['attempt', 'delivery', 'event', 'event_body'].map(tablesOf))).flat();

  it('are made ahead, by whoever comes first', async () => {
    const made = await Promise.all([make(TODAY), make(TODAY)]);
    assert.ok(made[0] + made[1] >= 12);
    assert.equal(await make(TODAY), 0);
    assert.equal(await make(TODAY + DAY), 4);
  });

  it('hold what belongs to them, a delivery from when it is final; the rest holds what has no day', async () => {
    await make(TODAY);
    const [first, second, third] = [
      await add('old', TODAY - 40 * DAY),
      await add('today', TODAY),
      await add('tomorrow', TODAY + DAY),
    ];
    assert.deepEqual(await tablesOf('attempt'), ['attempt_20260601', 'attempt_20260602', 'attempt_rest']);
    assert.deepEqual(await tablesOf('event'), ['event_20260601', 'event_20260602', 'event_rest']);
    assert.deepEqual(await tablesOf('event_body'), ['event_body_20260601', 'event_body_20260602', 'event_body_rest']);
    assert.deepEqual(await tablesOf('delivery'), ['delivery_unfinished']);
    for (const id of [first, second, third]) await settle(id, TODAY + DAY);
    assert.deepEqual(await tablesOf('delivery'), ['delivery_20260601', 'delivery_20260602', 'delivery_rest']);
  });

  it('store an event of up to 4 KB as it is, and compress a larger one', async () => {
    await make(TODAY);
    const envelopeOf = (size: number) => JSON.stringify({ data: 'active '.repeat(size / 7) });
    await db.transaction((tx) =>
      insertNumberedEvents(
        tx,
        [3000, 3900, 5000].map((size, n) => [
          n,
          'default',
          `e${size}`,
          'a.b',
          null,
          0,
          1,
          TODAY,
          envelopeOf(size),
          null,
        ]),
      ),
    );
    assert.deepEqual(
      await db.all('select id, pg_column_compression(envelope) is not null as is_compressed from event order by id'),
      [
        { id: 'e3000', is_compressed: false },
        { id: 'e3900', is_compressed: false },
        { id: 'e5000', is_compressed: true },
      ],
    );
  });

  it('are not made where the rest has rows of them, which is told, and the others are', async () => {
    await add('early', TODAY + 10 * DAY);
    // Of attempts, events and bodies; the delivery waits.
    assert.equal(await make(TODAY + 10 * DAY), 12 - 3);
    assert.deepEqual(
      days.told.map(({ message, table }) => [message, table]),
      ['attempt', 'event', 'event_body'].map((name) => ['cannot make the table of a day', `${name}_20260611`]),
    );
    assert.match(days.told[0]?.reason ?? '', /attempt_rest.* would be violated/);
  });

  it('are dropped whole when past their retention, events a day after their deliveries', async () => {
    await make(TODAY);
    await settle(await add('today', TODAY), TODAY);
    await settle(await add('tomorrow', TODAY + DAY), TODAY + DAY);
    assert.equal(await drop(TODAY + 30 * DAY + 11 * HOUR), 0);
    assert.equal(await drop(TODAY + 30 * DAY + 12 * HOUR), 2);
    assert.deepEqual(await all(), [
      'attempt_20260602',
      'delivery_20260602',
      'event_20260601',
      'event_20260602',
      'event_body_20260601',
      'event_body_20260602',
    ]);
    assert.equal(await drop(TODAY + 31 * DAY + 12 * HOUR), 4);
    assert.deepEqual(await all(), ['event_20260602', 'event_body_20260602']);
    // The third day was empty.
    assert.equal(await drop(TODAY + 100 * DAY), 6);
    assert.deepEqual(await all(), []);
  });

  it('stay while a delivery of them waits, and until one that ended has been seen for a day', async () => {
    await make(TODAY);
    const waiting = await add('waiting', TODAY);
    await settle(await add('settled', TODAY), TODAY);
    const later = TODAY + 50 * DAY;
    await drop(later);
    assert.deepEqual(await all(), [
      'attempt_20260601',
      'delivery_20260601',
      'delivery_unfinished',
      'event_20260601',
      'event_body_20260601',
    ]);
    await settle(waiting, later);
    assert.equal(await drop(later + DAY - 1), 0);
    assert.equal(await drop(later + DAY + 1), 4);
    assert.deepEqual(await all(), []);
  });

  it('of events stay as long as a delivery made of them later, and are walked row by row meanwhile', async () => {
    await make(TODAY);
    await settle(await add('sent again', TODAY), TODAY);
    const again = `${earliestDeliveryId(TODAY + 20 * DAY)}-again`;
    await make(TODAY + 20 * DAY);
    await db.transaction((tx) => addDelivery(tx, again, 'sent again', TODAY, TODAY + 20 * DAY));
    await settle(again, TODAY + 20 * DAY);
    await drop(TODAY + 40 * DAY);
    assert.deepEqual(await all(), ['delivery_20260621', 'event_20260601', 'event_body_20260601']);
    const walked = await tablesToWalk(db, TODAY + 10 * DAY);
    assert.deepEqual(walked.deliveries, ['delivery_unfinished', 'delivery_rest']);
    assert.deepEqual(walked.events, ['event_rest', 'event_20260601']);
    await drop(TODAY + 52 * DAY);
    assert.deepEqual(await all(), []);
    assert.deepEqual(await db.all('select * from event_day'), []);
  });

  it('of events stay for a delivery of the next day, made of one that was accepted before midnight', async () => {
    await make(TODAY);
    await settle(await add('at midnight', TODAY, TODAY + DAY), TODAY + DAY);
    await drop(TODAY + 31 * DAY);
    assert.deepEqual(await all(), ['attempt_20260602', 'delivery_20260602', 'event_20260601', 'event_body_20260601']);
  });

  it('keep nobody waiting for long while somebody reads them', async () => {
    await make(TODAY);
    const reading = Promise.withResolvers<void>();
    const read = Promise.withResolvers<void>();
    const transaction = db.transaction(async (tx) => {
      await tx.all('select 1 as one from attempt');
      reading.resolve();
      await read.promise;
    });
    await reading.promise;
    assert.equal(await drop(TODAY + 32 * DAY), 0);
    assert.ok(days.told.length > 0);
    for (const { message, reason } of days.told) {
      assert.equal(message, 'cannot drop the table of a day');
      assert.match(reason, /lock timeout/);
    }
    read.resolve();
    await transaction;
    assert.ok((await drop(TODAY + 32 * DAY)) > 0);
  });
});

it('SQLite has no days: every row is walked', async () => {
  const store = await sqliteStore();
  const db = await openMigrated(store);
  const { parts } = partsOf(db);
  assert.equal(await makeDays(parts, TODAY), 0);
  assert.equal(await dropDays(parts, { before: TODAY, endedBefore: TODAY }), 0);
  assert.deepEqual(await tablesToWalk(db, TODAY), { deliveries: ['delivery'], events: ['event'] });
  await db.close();
  await store.remove();
});
