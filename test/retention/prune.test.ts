import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { earliestDeliveryId, earliestId } from '../../server/id.ts';
import type { ReplayRow } from '../../server/model.ts';
import { type Pruned, prune } from '../../server/retention/prune.ts';
import type { Database } from '../../server/storage/database.ts';
import { holdEvent } from '../../server/storage/events-hold.ts';
import { insertBodies, insertDeliveries } from '../../server/storage/publishing.ts';
import { insertReplayRow } from '../../server/storage/replays.ts';
import { insertAttempts } from '../../server/storage/settling.ts';
import { insertNumberedEvents } from '../support/numbered-events.ts';
import { openMigrated, type Store, stores } from '../support/stores.ts';

const DAY = 24 * 3600_000;
const NOW = Date.parse('2026-06-01T12:00:00Z');
const KEEP = { events: 30 * DAY, payloads: 30 * DAY };
const ENVELOPE = { id: '', type: 'a.b', created_at: '2026-05-01T00:00:00.000Z', data: { secret: 'of the product' } };

for (const { name, make } of stores)
  describe(`pruning on ${name}`, () => {
    let store: Store;
    let db: Database;
    let seq = 0;

    beforeEach(async () => {
      await db?.close();
      await store?.remove();
      store = await make();
      db = await openMigrated(store);
    });
    after(async () => {
      await db.close();
      await store.remove();
    });

    /** An event of so many days ago, with one delivery and one attempt per status. */
    async function add(id: string, daysAgo: number, statuses: string[], settledDaysAgo = daysAgo, team = 'default') {
      const at = NOW - daysAgo * DAY;
      seq += 1;
      const envelope = JSON.stringify({ ...ENVELOPE, id });
      const ids = statuses.map((_, index) => `${earliestDeliveryId(at)}-${id}-${index}`);
      await db.transaction(async (tx) => {
        await insertNumberedEvents(tx, [[seq, team, id, 'a.b', null, 0, statuses.length, at, envelope, null]]);
        await insertBodies(tx, [[team, id, at, 'memberpass', envelope]]);
        await insertDeliveries(
          tx,
          statuses.map((status, i) => [team, ids[i] ?? '', 'ep_1', id, at, 'a.b', 'standard', status, at, 1, null, at]),
        );
        await insertAttempts(
          tx,
          ids.map((delivery) => [team, delivery, 1, at, 5, 204, null, '{}', 'ok']),
        );
        await tx.run(
          "update delivery set settled_at = ?3 where team_id = ?1 and event_id = ?2 and status in ('delivered', 'dead', 'cancelled')",
          [team, id, NOW - settledDaysAgo * DAY],
        );
      });
    }

    const run = (keep = KEEP, now = NOW, goOn = async () => true, payloadsFrom = new Map<string, number>()) =>
      prune({ db, log: console, keep, payloadsFrom, goOn }, now);
    const counted = (pruned: Partial<Pruned>): Pruned => ({
      days: 0,
      deliveries: 0,
      events: 0,
      payloads: 0,
      keys: 0,
      replays: 0,
      cancelled: 0,
      ...pruned,
    });
    const column = async (sql: string): Promise<unknown[]> =>
      (await db.all<{ value: unknown }>(sql)).map((row) => row.value);
    const events = () => column('select id as value from event order by id');
    const statuses = () => column("select event_id || ' ' || status as value from delivery order by event_id, id");

    it('takes what is past its retention, with attempts and bodies, and leaves what is not', async () => {
      await add('old', 31, ['delivered', 'dead', 'cancelled']);
      await add('young', 29, ['delivered', 'dead']);
      await add('old-without-deliveries', 40, []);
      assert.deepEqual(await run(), counted({ deliveries: 3, events: 2 }));
      assert.deepEqual(await events(), ['young']);
      assert.deepEqual(await statuses(), ['young delivered', 'young dead']);
      assert.deepEqual(await column('select count(*) as value from attempt'), [2]);
      assert.deepEqual(await column('select event_id as value from event_body'), ['young']);
      assert.deepEqual(await run(), counted({}));
    });

    it('never takes what waits for an attempt, nor its event', async () => {
      await add('pending', 100, ['pending', 'delivered']);
      await add('failed', 100, ['failed']);
      assert.deepEqual(await run(), counted({ deliveries: 1 }));
      assert.deepEqual(await events(), ['failed', 'pending']);
      assert.deepEqual(await statuses(), ['failed failed', 'pending pending']);
      assert.deepEqual(await column('select count(*) as value from attempt'), [2]);
    });

    it('ends what is held for longer than the retention as cancelled, and takes it a day later', async () => {
      await add('held', 31, ['held']);
      await add('held-since-yesterday', 1, ['held']);
      assert.deepEqual(await run(), counted({ cancelled: 1 }));
      assert.deepEqual(await statuses(), ['held cancelled', 'held-since-yesterday held']);
      assert.deepEqual(await column("select settled_at as value from delivery where event_id = 'held'"), [NOW]);
      assert.deepEqual(await run(KEEP, NOW + 1.1 * DAY), counted({ deliveries: 1, events: 1 }));
      assert.deepEqual(await events(), ['held-since-yesterday']);
    });

    it('keeps what has ended for a day at least, and an event as long as it has a delivery', async () => {
      await add('ended-today', 31, ['dead'], 0.5);
      await add('sent-again', 31, ['dead']);
      await db.transaction((tx) =>
        insertDeliveries(tx, [
          [
            'default',
            earliestDeliveryId(NOW - DAY),
            'ep_1',
            'sent-again',
            0,
            'a.b',
            'standard',
            'pending',
            0,
            0,
            null,
            0,
          ],
        ]),
      );
      assert.deepEqual(await run(), counted({ deliveries: 1 }));
      assert.deepEqual(await events(), ['ended-today', 'sent-again']);
      assert.deepEqual(await statuses(), ['ended-today dead', 'sent-again pending']);
    });

    it('takes payloads sooner when told to, but of no event for which something waits', async () => {
      for (const status of ['pending', 'failed', 'held', 'delivered', 'dead', 'cancelled'])
        await add(status, 8, [status]);
      await add('young', 6, ['delivered']);
      const from = new Map<string, number>();
      const keep = { events: 30 * DAY, payloads: 7 * DAY };
      assert.deepEqual(await run(keep, NOW, undefined, from), counted({ payloads: 3 }));
      const left = await db.all<{ id: string; envelope: string; pruned_at: number | null }>(
        'select id, envelope, pruned_at from event order by id',
      );
      for (const { id, envelope, pruned_at: prunedAt } of left) {
        const isPruned = ['cancelled', 'dead', 'delivered'].includes(id);
        assert.deepEqual(JSON.parse(envelope), { ...ENVELOPE, id, data: isPruned ? null : ENVELOPE.data });
        assert.equal(prunedAt, isPruned ? NOW : null);
      }
      assert.deepEqual(await column('select event_id as value from event_body order by event_id'), [
        'failed',
        'held',
        'pending',
        'young',
      ]);
      // The next pass begins where this one ended; from the start again, it finds what has ended meanwhile.
      await db.transaction((tx) => tx.run("update delivery set status = 'delivered' where event_id = 'failed'"));
      assert.deepEqual(await run(keep, NOW, undefined, from), counted({}));
      assert.deepEqual(await run(keep), counted({ payloads: 1 }));
    });

    it('forgets publishers ids and kept replies that have expired', async () => {
      await db.transaction(async (tx) => {
        await tx.script(`
          insert into event_key (team_id, key, hash, event_id, expires_at) values
            ('default', 'old', '', 'old', ${NOW - 1}), ('default', 'new', '', 'new', ${NOW + 1});
          insert into idempotency (team_id, operation, key, hash, status, headers, reply, is_sealed, expires_at) values
            ('default', 'op', 'old', '', 0, '', '', 0, ${NOW - 1}), ('default', 'op', 'new', '', 0, '', '', 0, ${NOW + 1})`);
      });
      assert.deepEqual(await run(), counted({ keys: 1 }));
      assert.deepEqual(await column('select key as value from event_key'), ['new']);
      assert.deepEqual(await column('select key as value from idempotency'), ['new']);
    });

    it('forgets replays that have ended, once none of their deliveries is left', async () => {
      const replay = (id: string, madeDaysAgo: number, finishedDaysAgo: number | null): ReplayRow => ({
        team_id: 'default',
        id: `${earliestId('rpl', NOW - madeDaysAgo * DAY)}-${id}`,
        endpoint_id: 'ep_1',
        since: 0,
        until: 1,
        events: null,
        statuses: '[]',
        state: finishedDaysAgo === null ? 'running' : 'done',
        first_seq: 1,
        next_seq: 1,
        last_seq: 1,
        matched: 0,
        created: 0,
        page: 0,
        backlog: 0,
        created_at: NOW - madeDaysAgo * DAY,
        updated_at: 0,
        finished_at: finishedDaysAgo === null ? null : NOW - finishedDaysAgo * DAY,
      });
      const rows = [
        replay('old', 40, 31),
        replay('late', 40, 29),
        replay('runs', 40, null),
        replay('young', 1, 1),
        replay('held', 40, 31),
      ];
      await add('e', 31, ['pending']);
      await db.transaction(async (tx) => {
        for (const row of rows) await insertReplayRow(tx, row);
        await tx.run("update delivery set replay_id = ?1 where event_id = 'e'", [rows[4]?.id ?? '']);
      });
      assert.deepEqual(await run(), counted({ replays: 1 }));
      const left = await column('select id as value from replay');
      assert.deepEqual(
        left.sort(),
        rows
          .slice(1)
          .map((row) => row.id)
          .sort(),
      );
    });

    it('goes through many in steps, team by team, and stops between two steps when told to', async () => {
      await db.transaction((tx) => tx.run("insert into team (id, name, created_at) values ('other', 'Other', 0)"));
      for (let index = 0; index < 130; index += 1) {
        await add(`a-${index}`, 31 + index / 1000, ['delivered', 'delivered']);
        await add(`b-${index}`, 31 + index / 1000, ['delivered'], undefined, 'other');
      }
      await add('young', 1, ['delivered']);
      let steps = 0;
      const stopped = await run(KEEP, NOW, async () => {
        steps += 1;
        return steps < 2;
      });
      assert.deepEqual(stopped, counted({ deliveries: 100 }));
      assert.deepEqual(await run(), counted({ deliveries: 290, events: 260 }));
      assert.deepEqual(await events(), ['young']);
      assert.deepEqual(await column('select count(*) as value from attempt'), [1]);
    });

    if (name === 'PostgreSQL')
      it('passes over an event of which a delivery is being made at this moment', async () => {
        await add('old', 31, []);
        await db.transaction(async (tx) => {
          assert.deepEqual(await holdEvent(tx, 'default', 'old'), { isWhole: true });
          assert.deepEqual(await run(), counted({}));
          assert.deepEqual(await run({ events: 60 * DAY, payloads: 1 * DAY }), counted({}));
        });
        assert.deepEqual(await run(), counted({ events: 1 }));
      });
  });
