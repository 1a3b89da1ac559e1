import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { newId } from '../../server/id.ts';
import type { DeliveryRow, EndpointRow, ReplayRow, ReplayStatus } from '../../server/model.ts';
import type { CommitEventsParts } from '../../server/publish/commit-events.ts';
import { type PageResult, REPLAY_PAGE, replayPage } from '../../server/publish/replay-page.ts';
import type { Database } from '../../server/storage/database.ts';
import { type Replays, replaysOf } from '../delivery/replays.ts';
import { type Engine, makeEngine, TEAM } from '../support/engine.ts';
import { openMigrated, type Store, stores } from '../support/stores.ts';

for (const { name, make } of stores)
  describe(`a page of a replay on ${name}`, () => {
    let store: Store;
    let db: Database;
    let engine: Engine;
    let replays: Replays;
    /** An endpoint of the test's own. Nothing is sent in these tests: its deliveries are moved on by hand. */
    let id: string;

    before(async () => {
      store = await make();
      db = await openMigrated(store);
      engine = makeEngine(db);
      replays = replaysOf(engine);
    });
    after(async () => {
      await db.close();
      await store.remove();
    });
    beforeEach(async () => {
      id = await add();
    });

    const add = (more: Partial<EndpointRow> = {}) =>
      engine.addEndpoint({ url: 'https://example.net/', events: '["team.created"]', ...more });
    const request = (row: ReplayRow, size = 100) => ({
      teamId: TEAM,
      endpointId: row.endpoint_id,
      replayId: row.id,
      nextSeq: row.next_seq,
      size,
      ahead: 1,
      due: 0,
      now: Date.now(),
    });
    const page = (row: ReplayRow, size = 100) => db.perform<PageResult>(REPLAY_PAGE, request(row, size));
    const deliveriesTo = (endpointId: string) =>
      db.all<DeliveryRow>('select * from delivery where endpoint_id = ?1 order by id', [endpointId]);
    /** Publishes an event and moves its delivery to the endpoint on. */
    const publishAs = async (status: string): Promise<string> => {
      const event = await engine.publishSample('team.created');
      await db.transaction((tx) =>
        tx.run('update delivery set status = ?3, due_at = due_at + 60000 where event_id = ?1 and endpoint_id = ?2', [
          event,
          id,
          status,
        ]),
      );
      return event;
    };
    /** Publishes one event in each status, and one that never went to the endpoint. */
    const publishAll = async (): Promise<Map<string, string>> => {
      const events = new Map<string, string>();
      for (const status of ['pending', 'failed', 'held', 'delivered', 'dead', 'cancelled'])
        events.set(await publishAs(status), status);
      const never = await engine.publishSample('team.created');
      await db.transaction((tx) => tx.run('delete from delivery where event_id = ?1', [never]));
      return events.set(never, 'never');
    };
    /** What a replay of these statuses makes, by the status that the events were in. */
    const madeFor = async (statuses: ReplayStatus[], events: ReadonlyMap<string, string>): Promise<unknown[]> => {
      const row = await replays.begin(id, { statuses, since: Date.now() - 60_000 });
      await page(row);
      const made = await replays.made(row);
      await db.transaction((tx) => tx.run('delete from delivery where replay_id = ?1', [row.id]));
      return made.map((one) => events.get(one.event_id)).filter((status) => status !== undefined);
    };

    it('what is missed never arrived and is not under way; other statuses are those of deliveries', async () => {
      const events = await publishAll();
      assert.deepEqual(await madeFor(['missed'], events), ['dead', 'cancelled', 'never']);
      assert.deepEqual(await madeFor(['dead'], events), ['dead']);
      assert.deepEqual(await madeFor(['cancelled', 'delivered'], events), ['delivered', 'cancelled']);
      assert.deepEqual(await madeFor(['missed', 'delivered'], events), ['delivered', 'dead', 'cancelled', 'never']);
      assert.deepEqual(await madeFor(['failed'], events), []);
    });

    it('of several deliveries of an event the newest counts, but one that arrived is not missed, and one under way is enough', async () => {
      const [revived, fallen, onItsWay] = [
        await publishAs('dead'),
        await publishAs('delivered'),
        await publishAs('dead'),
      ];
      for (const [event, status] of [
        [revived, 'delivered'],
        [fallen, 'dead'],
        [onItsWay, 'pending'],
      ] as const)
        await db.transaction((tx) =>
          tx.run(
            `insert into delivery (team_id, id, endpoint_id, event_id, event_at, type, dialect, status, due_at, attempt_count, created_at)
             select team_id, ?1, endpoint_id, event_id, event_at, type, dialect, ?2, due_at, 1, created_at
             from delivery where event_id = ?3 and endpoint_id = ?4`,
            [newId('dlv'), status, event, id],
          ),
        );
      const events = new Map([
        [revived, 'revived'],
        [fallen, 'fallen'],
        [onItsWay, 'on its way'],
      ]);
      assert.deepEqual(await madeFor(['dead'], events), ['fallen']);
      assert.deepEqual(await madeFor(['delivered'], events), ['revived']);
      assert.deepEqual(await madeFor(['missed'], events), []);
    });

    it('a failed delivery becomes due instead of being made again', async () => {
      const event = await publishAs('failed');
      const row = await replays.begin(id, { statuses: ['failed'] });
      assert.deepEqual(await page(row), { kind: 'made', count: 1, isOver: true });
      const over = await replays.read(row);
      assert.deepEqual([over.matched, over.created], [1, 0]);
      const deliveries = await deliveriesTo(id);
      assert.deepEqual(
        deliveries.map((one) => [one.event_id, one.status, one.due_at <= Date.now(), one.replay_id]),
        [[event, 'failed', true, null]],
      );
    });

    it('a repeated delivery keeps its dialect and its body; the first of an event gets the endpoint’s dialect, and a body', async () => {
      await publishAs('dead');
      await db.transaction((tx) =>
        tx.run("update endpoint set dialect = 'memberpass', events = '[\"*\"]' where id = ?1", [id]),
      );
      const first = await engine.publishSample('member.joined');
      await db.transaction((tx) => tx.run('delete from delivery where event_id = ?1', [first]));
      await db.transaction((tx) => tx.run('delete from event_body where event_id = ?1', [first]));
      const row = await replays.begin(id, { since: Date.now() - 60_000, events: ['member.joined'] });
      const all = await replays.begin(id, { since: Date.now() - 60_000, statuses: ['dead'] });
      await page(row);
      await page(all);
      const [made] = await replays.made(row);
      assert.deepEqual([made?.dialect, made?.replay_of], ['memberpass', null]);
      const [original, repeat] = (await deliveriesTo(id)).filter((one) => one.type === 'team.created');
      assert.deepEqual([repeat?.dialect, repeat?.replay_of], ['standard', original?.id]);
      assert.equal(repeat?.event_at, original?.event_at);
      const bodies = await db.all<{ dialect: string; body: string }>(
        'select dialect, body from event_body where event_id = ?1',
        [first],
      );
      assert.equal(bodies.length, 1);
      assert.equal(JSON.parse(bodies[0]?.body ?? '').id, first);
    });

    it('tests are not replayed, nor events whose payload is gone', async () => {
      await engine.publisher.publishTest({ teamId: TEAM, endpointId: id, type: 'team.created' });
      const [test] = await deliveriesTo(id);
      await db.transaction((tx) => tx.run("update delivery set status = 'dead' where id = ?1", [test?.id ?? '']));
      const emptied = await publishAs('dead');
      await db.transaction((tx) => tx.run("update event set envelope = '' where id = ?1", [emptied]));
      const row = await replays.begin(id, { since: Date.now() - 60_000, statuses: ['dead'] });
      await page(row);
      assert.deepEqual(await replays.made(row), []);
    });

    it('a page that another process has made already, or a replay that is over, is left alone', async () => {
      await publishAs('dead');
      await publishAs('dead');
      const row = await replays.begin(id, { statuses: ['dead'] });
      assert.deepEqual(await page(row, 1), { kind: 'made', count: 1, isOver: false });
      assert.deepEqual(await page(row, 1), { kind: 'moved' });
      assert.deepEqual(await page(await replays.read(row), 1), { kind: 'made', count: 1, isOver: true });
      assert.deepEqual(await page(await replays.read(row), 1), { kind: 'moved' });
      assert.equal((await replays.made(row)).length, 2);
    });

    it('in an ordered endpoint what is replayed has its place by the same key', async () => {
      const ordered = await add({ ordered: 1, ordering_key: '/id' });
      const event = await publishAs('dead');
      await db.transaction((tx) =>
        tx.run('delete from delivery where event_id = ?1 and endpoint_id = ?2', [event, ordered]),
      );
      const row = await replays.begin(ordered, { since: Date.now() - 60_000 });
      await page(row);
      const made = (await replays.made(row)).find((one) => one.event_id === event);
      assert.equal(made?.ordering_key, JSON.stringify(event));
    });

    it('an event that the dialect cannot shape is dead with its reason, and the others flow', async () => {
      await publishAs('dead');
      const poison = await publishAs('dead');
      await db.transaction((tx) => tx.run('delete from delivery where endpoint_id = ?1', [id]));
      const parts: CommitEventsParts = {
        catalog: engine.catalog,
        shapeBody(_, text) {
          if (text.includes(poison)) throw new Error('cannot be shaped');
          return null;
        },
      };
      const row = await replays.begin(id, { since: Date.now() - 60_000 });
      await db.transaction((tx) => replayPage(parts)(tx, request(row, 1000)));
      const made = await replays.made(row);
      assert.ok(made.length >= 2);
      assert.deepEqual(
        made.filter((one) => one.status === 'dead').map((one) => one.event_id),
        [poison],
      );
      assert.ok(made.every((one) => one.status === 'dead' || one.status === 'pending'));
      const dead = made.find((one) => one.event_id === poison)?.id ?? '';
      assert.match((await engine.attempts(dead))[0]?.error ?? '', /cannot be shaped/);
    });
  });
