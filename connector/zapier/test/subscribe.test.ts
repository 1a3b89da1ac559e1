import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Envelope } from '../../../server/catalog/types.ts';
import { createApp } from '../src/app.ts';
import { authData, type Stage, setStage } from './support/round-trip.ts';
import { runMethod, type TestBundle, type ZapierApp } from './support/run-app.ts';

interface HookRow {
  id: string;
  name: string;
  events: string[];
  dialect: string;
  project_id: string | null;
  filters: unknown;
}

describe('hooks of Zaps', () => {
  let stage: Stage;
  let app: ZapierApp;
  before(async () => {
    stage = await setStage('test/fixtures/parcels.json');
    app = createApp(stage.server.catalog.document);
  });
  after(() => stage[Symbol.asyncDispose]());

  const run = <T>(method: string, bundle: TestBundle) =>
    runMethod<T>(app, `triggers.parcel_registered.operation.${method}`, {
      authData: authData(stage.server),
      ...bundle,
    });
  const subscribe = (path: string, inputData = {}) =>
    run<{ id: string; secret: string }>('performSubscribe', { targetUrl: `${stage.target.url}${path}`, inputData });
  const hooks = async () => (await stage.server.call<{ data: HookRow[] }>('GET', '/v1/webhook-subscriptions')).data;
  const sample = (): Envelope => {
    const [first] = stage.server.catalog.types.get('parcel.registered')?.samples ?? [];
    assert.ok(first);
    return first;
  };

  test('say what they are for, and are signed as Standard Webhooks whatever the server’s default dialect', async () => {
    const { id, secret } = await subscribe('/a');
    assert.match(secret, /^whsec_/);
    const hook = (await hooks()).find((one) => one.id === id);
    assert.equal(hook?.name, 'Zapier: Parcel Registered');
    assert.equal(hook?.dialect, 'standard');
    assert.deepEqual(hook?.events, ['parcel.registered']);
    assert.equal(hook?.filters, null);
  });

  test('live on when a new version of a Zap is turned on before the old one is turned off', async () => {
    const old = await subscribe('/published-anew');
    const current = await subscribe('/published-anew');
    await run('performUnsubscribe', { subscribeData: old });
    const ids = (await hooks()).map((hook) => hook.id);
    assert.ok(ids.includes(current.id) && !ids.includes(old.id));
  });

  test('are several for several Zaps of the same event', async () => {
    const [one, other] = [await subscribe('/zap-1'), await subscribe('/zap-2')];
    assert.notEqual(one.id, other.id);
    assert.equal((await stage.server.publish('parcel.registered', sample())).deliveries, (await hooks()).length + 1);
  });

  test('live again when a Zap is turned off and on', async () => {
    const first = await subscribe('/off-and-on');
    await run('performUnsubscribe', { subscribeData: first });
    const second = await subscribe('/off-and-on');
    assert.notEqual(second.id, first.id);
    assert.ok((await hooks()).some((hook) => hook.id === second.id));
  });

  test('may be unsubscribed twice, or when they never were', async () => {
    const hook = await subscribe('/twice');
    await run('performUnsubscribe', { subscribeData: hook });
    await run('performUnsubscribe', { subscribeData: hook });
    await run('performUnsubscribe', { subscribeData: {} });
  });

  test('are narrowed by project and filters, and the samples with them', async () => {
    const { id } = await subscribe('/narrow', {
      project_id: ' shop_south ',
      filter_service: ['standard', ''],
      filter_country: 'SE',
      filter_parcel: [],
    });
    const hook = (await hooks()).find((one) => one.id === id);
    assert.equal(hook?.project_id, 'shop_south');
    assert.deepEqual(hook?.filters, { service: ['standard'], country: ['SE'] });

    const before = (await hooks()).length;
    const passedBy = await stage.server.publish('parcel.registered', sample());
    assert.equal(passedBy.deliveries, before, 'to all but this hook, and to the control endpoint');

    const express = { filter_service: ['express'] };
    const listed = await run<Envelope[]>('performList', { inputData: express });
    assert.equal(listed[0]?.id, passedBy.data.id, 'a real event that the filter lets through');
  });

  test('of team-scoped event types have no project', async () => {
    const inputs = app.triggers.depot_opened?.operation.inputFields as { key: string }[] | undefined;
    assert.deepEqual(
      inputs?.map((field) => field.key),
      ['filter_depot', 'filter_country'],
    );
    const hook = await runMethod<{ id: string }>(app, 'triggers.depot_opened.operation.performSubscribe', {
      authData: authData(stage.server),
      targetUrl: `${stage.target.url}/depot`,
      inputData: { project_id: 'left over from another trigger' },
    });
    assert.equal((await hooks()).find((one) => one.id === hook.id)?.project_id, null);
  });

  test('say in the server’s words why they cannot be made', async () => {
    await assert.rejects(run('performSubscribe', { targetUrl: 'ftp://example.net/hook' }), (error: Error) => {
      const { message, status } = JSON.parse(error.message) as { message: string; status: number };
      assert.equal(error.name, 'AppError');
      assert.equal(status, 422);
      assert.match(message, /url/);
      return true;
    });
  });
});
