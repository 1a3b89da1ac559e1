import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { earliestId } from '../../server/id.ts';
import { dropAttemptDays, makeAttemptDays } from '../../server/storage/attempt-days.ts';
import type { Database } from '../../server/storage/database.ts';
import { insertAttempts } from '../../server/storage/settling.ts';
import { openMigrated, postgresStore, type Store, sqliteStore } from '../support/stores.ts';

const DAY = 24 * 3600_000;
const TODAY = Date.parse('2026-06-01T12:00:00Z');
const earliest = (time: number) => earliestId('dlv', time);

describe('attempts on PostgreSQL', () => {
  let store: Store;
  let db: Database;
  before(async () => {
    store = await postgresStore();
    db = await openMigrated(store);
  });
  after(async () => {
    await db.close();
    await store.remove();
  });

  const add = (time: number, name = 'one') =>
    db.transaction((tx) =>
      insertAttempts(tx, [['default', `${earliest(time)}${name}`, 1, time, 5, 204, null, '{}', 'ok']]),
    );
  const tables = async () =>
    (await db.all<{ name: string }>('select distinct tableoid::regclass::text as name from attempt order by 1')).map(
      ({ name }) => name,
    );

  it('stand in one table a day, made ahead by whoever comes first, and in the rest where there is none', async () => {
    const made = await Promise.all([makeAttemptDays(db, TODAY, earliest), makeAttemptDays(db, TODAY, earliest)]);
    assert.ok(made[0] + made[1] >= 3);
    assert.equal(await makeAttemptDays(db, TODAY, earliest), 0);
    await add(TODAY - 40 * DAY);
    await add(TODAY);
    await add(TODAY + DAY);
    assert.deepEqual(await tables(), ['attempt_20260601', 'attempt_20260602', 'attempt_rest']);
  });

  it('make no day whose attempts stand in the rest already, and go on with the others', async () => {
    await add(TODAY + 10 * DAY);
    assert.equal(await makeAttemptDays(db, TODAY + 10 * DAY, earliest), 2);
    assert.ok((await tables()).includes('attempt_rest'));
  });

  it('are dropped by the day, when all of it is past its retention', async () => {
    assert.equal(await dropAttemptDays(db, Date.parse('2026-06-01T23:59:59Z')), 0);
    assert.equal(await dropAttemptDays(db, Date.parse('2026-06-02T00:00:00Z')), 1);
    assert.deepEqual(await tables(), ['attempt_20260602', 'attempt_rest']);
  });

  it('keep nobody waiting for longer than a second while somebody reads them', async () => {
    const reading = Promise.withResolvers<void>();
    const read = Promise.withResolvers<void>();
    const transaction = db.transaction(async (tx) => {
      await tx.all('select 1 as one from attempt');
      reading.resolve();
      await read.promise;
    });
    await reading.promise;
    assert.equal(await dropAttemptDays(db, TODAY + 300 * DAY), 0);
    read.resolve();
    await transaction;
    assert.ok((await dropAttemptDays(db, TODAY + 300 * DAY)) >= 1);
  });
});

it('attempts on SQLite have no days', async () => {
  const store = await sqliteStore();
  const db = await openMigrated(store);
  assert.equal(await makeAttemptDays(db, TODAY, earliest), 0);
  assert.equal(await dropAttemptDays(db, TODAY + DAY), 0);
  await db.close();
  await store.remove();
});
