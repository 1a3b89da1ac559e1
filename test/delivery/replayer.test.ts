import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { cancelReplay } from '../../server/delivery/cancel-replay.ts';
import { removeEndpoint } from '../../server/endpoint/remove.ts';
import type { EndpointRow } from '../../server/model.ts';
import type { Database } from '../../server/storage/database.ts';
import { type Engine, makeEngine, TEAM } from '../support/engine.ts';
import { shutGate } from '../support/gate.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { openMigrated, type Store, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Replays, replaysOf } from './replays.ts';

const PAST = 2000;

for (const { name, make } of stores)
  describe(`replays on ${name}`, () => {
    let store: Store;
    let db: Database;
    let engine: Engine;
    let replays: Replays;
    let receiver: Receiver;
    /** Events of the past, in the order of their commits: members joined and left in two projects, teams were made. */
    let past: { id: string; type: string; project_id: string | null; envelope: string }[];

    before(async () => {
      store = await make();
      db = await openMigrated(store);
      engine = makeEngine(db);
      replays = replaysOf(engine);
      receiver = await startReceiver();
      await Promise.all(Array.from({ length: PAST }, (_, index) => publish(index)));
      past = await db.all('select id, type, project_id, envelope from event order by seq');
      engine.worker.start();
    });
    after(async () => {
      await engine.worker.stop();
      await receiver.close();
      await db.close();
      await store.remove();
    });

    const publish = (index: number): Promise<string> => {
      const type = ['member.joined', 'member.joined', 'member.churned', 'team.created'][index % 4] ?? '';
      return engine.publishSample(type, type === 'team.created' ? {} : { projectId: `prj_${index % 2}` });
    };
    const at = (path: string) => receiver.received.filter((request) => request.path === path);
    const add = (path: string, more: Partial<EndpointRow> = {}) =>
      engine.addEndpoint({ url: `${receiver.url}${path}`, max_in_flight: 50, ...more });
    const ids = (events: readonly { id: string }[]) => events.map(({ id }) => id).sort();
    const remove = (id: string) => db.transaction((tx) => removeEndpoint(tx, { teamId: TEAM, id }, Date.now()));

    it('everything that an endpoint missed before it existed is sent to it, oldest first, under its own ids and bytes', async () => {
      const id = await add('/missed', { events: '["member.*"]' });
      const row = await replays.begin(id);
      const replayer = replays.replayer();
      replayer.start();
      const over = await replays.over(row);
      const wanted = past.filter(({ type }) => type.startsWith('member.'));
      await until(() => at('/missed').length >= wanted.length, 'the replay to arrive');
      await replayer.stop();
      assert.equal(over.state, 'done');
      assert.deepEqual([over.matched, over.created], [wanted.length, wanted.length]);
      const made = await replays.made(row);
      assert.deepEqual(
        made.map((delivery) => delivery.event_id),
        wanted.map((event) => event.id),
      );
      assert.ok(made.every((delivery) => delivery.replay_of === null));
      const sent = new Map(wanted.map((event) => [event.id, event.envelope]));
      assert.deepEqual(ids(at('/missed').map(({ json }) => json)), ids(wanted));
      assert.ok(at('/missed').every((request) => request.body === sent.get(request.json.id)));
      await remove(id);
    });

    it('the endpoint’s project and filters, the patterns asked for and the times narrow it', async () => {
      const product = JSON.parse(past[0]?.envelope ?? '').data;
      const [field, pointer] = Object.entries(engine.catalog.types.get('member.joined')?.filters ?? {})[0] ?? [];
      assert.ok(field !== undefined && pointer !== undefined);
      const value = pointer
        .split('/')
        .slice(1)
        .reduce((inner, key) => inner[key], product);
      const of = async (more: Partial<EndpointRow>, wish = {}) => {
        const id = await add('/narrowed', more);
        const row = await replays.begin(id, wish);
        const replayer = replays.replayer();
        replayer.start();
        const { created } = await replays.over(row);
        await replayer.stop();
        await remove(id);
        return created;
      };
      const count = (type: string, project?: string) =>
        past.filter((one) => one.type === type && (project === undefined || one.project_id === project)).length;
      assert.equal(
        await of({ project_id: 'prj_1' }),
        count('member.joined', 'prj_1') + count('member.churned', 'prj_1'),
      );
      assert.equal(
        await of({ filters: JSON.stringify({ [field]: [String(value)] }) }, { events: ['member.joined'] }),
        count('member.joined'),
      );
      assert.equal(await of({ filters: JSON.stringify({ [field]: ['no such'] }) }), 0);
      assert.equal(await of({}, { events: ['team.created'] }), count('team.created'));
      assert.equal(await of({ events: '["member.churned"]' }, { events: ['team.*'] }), 0);
      assert.equal(await of({}, { since: Date.now() - 1 }), 0);
      assert.equal(await of({}, { until: 1 }), 0);
    });

    it('several processes make nothing twice, and what one leaves another goes on with', async () => {
      const id = await add('/shared', { events: '["member.joined"]' });
      const wanted = past.filter(({ type }) => type === 'member.joined');
      const row = await replays.begin(id);
      const processes = [replays.replayer(), replays.replayer(), replays.replayer()];
      for (const replayer of processes) replayer.start();
      await until(async () => (await replays.read(row)).created >= 100, 'some of it');
      await Promise.all(processes.map((replayer) => replayer.stop()));
      const left = await replays.read(row);
      assert.equal(left.state, 'running');
      assert.equal((await replays.made(row)).length, left.created);
      const successor = replays.replayer();
      successor.start();
      assert.equal((await replays.over(row)).created, wanted.length);
      await successor.stop();
      assert.deepEqual(
        (await replays.made(row)).map((delivery) => delivery.event_id),
        wanted.map((event) => event.id),
      );
      await until(() => at('/shared').length >= wanted.length, 'the replay to arrive');
      assert.equal(at('/shared').length, wanted.length);
      await remove(id);
    });

    it('a page that fails leaves nothing behind, and is made anew', async () => {
      const id = await add('/anew', { events: '["member.churned"]' });
      const row = await replays.begin(id);
      let failures = 0;
      const flaky = replaysOf({
        ...engine,
        db: {
          ...db,
          async perform(procedure: string, argument: unknown) {
            if (failures >= 2) return db.perform(procedure, argument);
            failures += 1;
            throw new Error('the process has a bad day');
          },
        } as Database,
      }).replayer();
      flaky.start();
      const wanted = past.filter(({ type }) => type === 'member.churned');
      assert.equal((await replays.over(row)).created, wanted.length);
      await flaky.stop();
      assert.equal(failures, 2);
      assert.equal(new Set((await replays.made(row)).map((one) => one.event_id)).size, wanted.length);
      await remove(id);
    });

    it('a live event overtakes the replay', async () => {
      receiver.answer = (_, response) => setTimeout(() => response.writeHead(204).end(), 20);
      const id = await add('/overtaken', { max_in_flight: 5 });
      const row = await replays.begin(id);
      const replayer = replays.replayer();
      replayer.start();
      await until(() => at('/overtaken').length >= 100, 'the replay to be under way');
      const live = await engine.publishSample('payment.succeeded');
      await until(() => at('/overtaken').some(({ json }) => json.id === live), 'the live event');
      const { state, created } = await replays.read(row);
      assert.equal(state, 'running');
      assert.ok(created < PAST - 500, `${created} of ${PAST} had been made by then`);
      receiver.answer = (_, response) => response.writeHead(204).end();
      await db.transaction((tx) => cancelReplay(tx, { teamId: TEAM, endpointId: id, id: row.id }, Date.now()));
      await replayer.stop();
      await remove(id);
    });

    it('cancelling stops it and cancels what of it still waits, and nothing else; doing so again changes nothing', async () => {
      const gate = shutGate();
      receiver.answer = gate.answer;
      const id = await add('/cancelled', { max_in_flight: 2 });
      const live = await engine.publishSample('payment.succeeded');
      const row = await replays.begin(id, { events: ['member.*'] });
      const replayer = replays.replayer();
      replayer.start();
      await until(async () => (await replays.read(row)).created > 0, 'the first page');
      const cancel = () =>
        db.transaction((tx) => cancelReplay(tx, { teamId: TEAM, endpointId: id, id: row.id }, Date.now()));
      const cancelled = (await cancel()) ?? assert.fail('there is no such replay');
      engine.worker.endpointChanged(TEAM, id);
      assert.equal(cancelled.state, 'cancelled');
      assert.ok(cancelled.finished_at !== null && cancelled.created < PAST);
      assert.deepEqual({ ...(await cancel()) }, { ...cancelled });
      assert.deepEqual([...new Set((await replays.made(row)).map((one) => one.status))], ['cancelled']);
      gate.open();
      await until(
        async () => (await engine.deliveries()).find((one) => one.event_id === live)?.status === 'delivered',
        'the live event',
      );
      await replayer.stop();
      assert.deepEqual({ ...(await replays.read(row)) }, { ...cancelled });
      // At most those whose attempts were under way.
      assert.ok(at('/cancelled').length <= 2, `${at('/cancelled').length} arrived`);
      await remove(id);
    });

    it('it waits while its endpoint is closed, and ends when the endpoint is deleted', async () => {
      const id = await add('/closed', { events: '["team.created"]', max_in_flight: 1 });
      const setOpen = (isOpen: number) =>
        db.transaction((tx) => tx.run('update lane set is_open = ?2 where endpoint_id = ?1', [id, isOpen]));
      await setOpen(0);
      const waiting = await replays.begin(id);
      const other = await add('/open', { events: '["team.created"]' });
      const running = await replays.begin(other);
      const replayer = replays.replayer();
      replayer.start();
      await replays.over(running);
      assert.equal((await replays.read(waiting)).created, 0);
      await setOpen(1);
      await until(async () => (await replays.read(waiting)).created > 0, 'it to go on');
      await remove(id);
      const ended = await replays.read(waiting);
      assert.equal(ended.state, 'cancelled');
      assert.ok(ended.created < past.filter(({ type }) => type === 'team.created').length);
      assert.ok((await replays.made(waiting)).every(({ status }) => ['delivered', 'cancelled'].includes(status)));
      // One that was asked for at the moment of the deletion.
      await db.transaction((tx) =>
        tx.run("update replay set state = 'running', finished_at = null where id = ?1", [waiting.id]),
      );
      assert.equal((await replays.over(waiting)).state, 'cancelled');
      await replayer.stop();
      await remove(other);
    });

    it('replays of one endpoint run one after the other, and the second finds nothing left', async () => {
      const id = await add('/twice', { events: '["team.created"]' });
      const first = await replays.begin(id);
      const second = await replays.begin(id);
      const replayer = replays.replayer();
      replayer.start();
      const after = await replays.over(second);
      await replayer.stop();
      assert.equal((await replays.read(first)).state, 'done');
      const wanted = past.filter(({ type }) => type === 'team.created').length;
      assert.deepEqual([(await replays.read(first)).created, after.created], [wanted, 0]);
      await remove(id);
    });
  });
