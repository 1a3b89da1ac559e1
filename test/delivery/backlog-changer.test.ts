import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../server/clock.ts';
import { BacklogChanger } from '../../server/delivery/backlog-changer.ts';
import { closedEgress } from '../../server/egress/egress-settings.ts';
import { removeEndpoint } from '../../server/endpoint/remove.ts';
import type { EndpointRules } from '../../server/endpoint/rules.ts';
import { type EndpointChange, updateEndpoint } from '../../server/endpoint/update.ts';
import { createLog } from '../../server/observe/log.ts';
import type { Database } from '../../server/storage/database.ts';
import { catalog, type Engine, makeEngine, TEAM } from '../support/engine.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { openMigrated, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { testVault } from '../support/vault.ts';

/** More than two pages. */
const MANY = 1200;
const ALL_RIGHTS = { isPersonal: true, projects: null, barredFamilies: [] };
const RULES: EndpointRules = {
  catalog,
  dialects: new Map(),
  retryPolicies: new Set(),
  defaultDialect: 'standard',
  quota: 0,
  target: closedEgress(true).policy,
  vault: testVault,
};

interface Setting {
  engine: Engine;
  db: Database;
  receiver: Receiver;
  id: string;
}

for (const { name, make } of stores)
  describe(`a large backlog on ${name}`, () => {
    /** An endpoint for which `MANY` events wait; nothing runs yet. */
    async function withBacklog(test: (setting: Setting, events: string[]) => Promise<void>): Promise<void> {
      const store = await make();
      const db = await openMigrated(store);
      const receiver = await startReceiver();
      const engine = makeEngine(db);
      try {
        // One at a time, so that the order of arrival is the order of sending.
        const id = await engine.addEndpoint({ url: receiver.url, max_in_flight: 1 });
        const setting = { engine, db, receiver, id };
        await test(setting, await publish(setting, MANY));
      } finally {
        await engine.backlogChanger.stop();
        await engine.worker.stop();
        await receiver.close();
        await db.close();
        await store.remove();
      }
    }
    const publish = ({ engine }: Setting, count: number) =>
      Promise.all(Array.from({ length: count }, () => engine.publishSample('member.joined')));
    async function patch({ db, engine, id }: Setting, change: EndpointChange): Promise<void> {
      const now = Date.now();
      const { released } = await db.transaction((tx) =>
        updateEndpoint(tx, RULES, { teamId: TEAM, id }, change, ALL_RIGHTS, now),
      );
      engine.worker.endpointChanged(TEAM, id);
      if (released) engine.worker.wake(TEAM, id, now);
    }
    async function counts({ db }: Setting): Promise<Record<string, number>> {
      const rows = await db.all<{ status: string; n: number }>(
        'select status, count(*) as n from delivery group by status',
      );
      return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
    }
    const isOver = async ({ db }: Setting) => (await db.get('select 1 as x from backlog_change')) === undefined;
    const ended = (setting: Setting) => until(() => isOver(setting), 'the end of the change');
    const arrived = async ({ receiver }: Setting, events: string[]) => {
      await receiver.waitFor(events.length);
      assert.deepEqual(
        receiver.received.map(({ json }) => json.id),
        events,
      );
    };

    it('is held and released page by page, in order, and what is published meanwhile comes after it', () =>
      withBacklog(async (setting, events) => {
        const { engine } = setting;
        await patch(setting, { state: 'paused' });
        const { pending = 0, held = 0 } = await counts(setting);
        assert.ok(pending > 0 && held > 0 && pending + held === MANY);
        events.push(...(await publish(setting, 5)));
        engine.backlogChanger.start();
        await ended(setting);
        assert.deepEqual(await counts(setting), { held: MANY + 5 });

        await engine.backlogChanger.stop();
        await patch(setting, { state: 'active' });
        engine.worker.start();
        events.push(...(await publish(setting, 5)));
        engine.backlogChanger.start();
        await ended(setting);
        events.push(...(await publish(setting, 5)));
        await arrived(setting, events);
      }));

    it('keeps its order when the endpoint is taken up again before all of it was held', () =>
      withBacklog(async (setting, events) => {
        const { engine } = setting;
        await patch(setting, { state: 'paused' });
        events.push(...(await publish(setting, 5)));
        await patch(setting, { state: 'active' });
        events.push(...(await publish(setting, 5)));
        engine.worker.start();
        engine.backlogChanger.start();
        await arrived(setting, events);
      }));

    it('is held again when the endpoint is paused before all of it was released', () =>
      withBacklog(async (setting) => {
        const { engine } = setting;
        for (const state of ['paused', 'active', 'paused'] as const) await patch(setting, { state });
        engine.worker.start();
        engine.backlogChanger.start();
        await ended(setting);
        assert.deepEqual(await counts(setting), { held: MANY });
        assert.equal(setting.receiver.received.length, 0);
      }));

    it('is discarded to its end before the lane opens; what is published meanwhile is delivered', () =>
      withBacklog(async (setting) => {
        const { engine } = setting;
        await patch(setting, { state: 'paused' });
        await patch(setting, { state: 'active', held: 'discard' });
        engine.worker.start();
        const later = await publish(setting, 5);
        const { cancelled = 0, held } = await counts(setting);
        assert.ok(cancelled > 0 && cancelled < MANY);
        assert.ok((held ?? 0) >= 5);
        engine.backlogChanger.start();
        await arrived(setting, later);
        await until(async () => (await counts(setting)).delivered === 5, 'the settlements');
        assert.deepEqual(await counts(setting), { cancelled: MANY, delivered: 5 });
      }));

    it('leaves the lane closed after a discard when the endpoint was paused meanwhile', () =>
      withBacklog(async (setting) => {
        const { engine } = setting;
        await patch(setting, { state: 'paused' });
        await patch(setting, { state: 'active', held: 'discard' });
        await publish(setting, 5);
        await patch(setting, { state: 'paused' });
        engine.worker.start();
        engine.backlogChanger.start();
        await ended(setting);
        assert.deepEqual(await counts(setting), { cancelled: MANY, held: 5 });
        await patch(setting, { state: 'active' });
        await setting.receiver.waitFor(5);
      }));

    it('is cancelled after its endpoint is deleted, by whichever of several processes comes first', () =>
      withBacklog(async (setting) => {
        const { engine, db, id } = setting;
        assert.equal(await db.transaction((tx) => removeEndpoint(tx, { teamId: TEAM, id }, Date.now())), true);
        engine.worker.start();
        engine.backlogChanger.start();
        const parts = { db, clock: systemClock, log: createLog('silent'), signals: engine.worker };
        const other = new BacklogChanger(parts);
        other.start();
        await ended(setting);
        await other.stop();
        assert.deepEqual(await counts(setting), { cancelled: MANY });
        assert.equal(setting.receiver.received.length, 0);
      }));
  });
