import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { Answer } from '../http/api.ts';
import { type Program, startProgram } from '../support/program.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Store, sqliteStore } from '../support/stores.ts';
import { until } from '../support/until.ts';

const CATALOG = 'test/fixtures/parcels.json';

interface Entry {
  name: string;
  samples: { project_id: string | null; data: { parcel?: { service: string; items: object[] } } }[];
}

describe('with the catalog of a parcel service', () => {
  const source = JSON.parse(readFileSync(CATALOG, 'utf8')) as { product: { name: string }; events: Entry[] };
  let store: Store;
  let program: Program;
  let receiver: Receiver;
  before(async () => {
    store = await sqliteStore();
    receiver = await startReceiver();
    program = await startProgram({ DATABASE_URL: store.url, HOOKLOOM_CATALOG: CATALOG });
  });
  after(async () => {
    await program.kill();
    await receiver.close();
    await store.remove();
  });

  const sampleOf = (name: string) => source.events.find((entry) => entry.name === name)?.samples[0] ?? assert.fail();
  const publish = (name: string, data: object = sampleOf(name).data): Promise<Answer> => {
    const { project_id } = sampleOf(name);
    const body = { type: name, data, ...(project_id === null ? {} : { project_id }) };
    return program.call('POST', '/v1/webhook-events', { body });
  };
  const subscribe = async (
    path: string,
    events: string[],
    more: object = {},
  ): Promise<{ id: string; secret: string }> => {
    const body = { url: `${receiver.url}${path}`, events, ...more };
    const made = await program.call('POST', '/v1/webhook-subscriptions', { body });
    assert.equal(made.status, 201, made.text);
    return { id: made.json.data.id, secret: made.json.secret };
  };
  const at = (path: string) => receiver.received.filter((request) => request.path === path);
  const idsAt = (path: string) => at(path).map((request) => request.json.id);

  it('the published document tells its product, its event types and the built-in ones, and no others', async () => {
    const { json } = await program.call('GET', '/webhook-events.json', { token: null });
    assert.equal(json.product.name, source.product.name);
    assert.deepEqual(
      json.events.map((event: Entry) => event.name),
      [
        ...source.events.map((entry) => entry.name),
        'webhook.test',
        'webhook.endpoint_disabled',
        'webhook.delivery_dead',
      ],
    );
    assert.deepEqual(json.counts, { core: 3, extended: 1, system: 3, reserved: 0, total: 7 });
    assert.deepEqual(Object.keys(json.families), ['parcel', 'depot', 'webhook']);
    assert.match(program.said(), /\(4 event types\)/);
  });

  it('the samples of an event type are the catalog’s until there are real events', async () => {
    const path = '/v1/event-types/parcel.scanned/samples';
    const before = await program.call('GET', path);
    assert.deepEqual(before.json.data[0].data, sampleOf('parcel.scanned').data);
    const published = await publish('parcel.scanned');
    const now = await program.call('GET', path);
    assert.deepEqual(now.json.data, [published.json.data]);
  });

  it('every event type is published and delivered, signed, as it was validated', async () => {
    const hook = await subscribe('/all', ['*']);
    for (const { name } of source.events) {
      const published = await publish(name);
      assert.equal(published.status, 202, published.text);
      assert.equal(published.json.deliveries, 1);
      await until(() => idsAt('/all').includes(published.json.data.id), `the delivery of ${name}`);
      const request = at('/all').at(-1) ?? assert.fail();
      new Webhook(hook.secret).verify(request.body, request.headers);
      assert.deepEqual(request.json, published.json.data);
    }
    await program.call('DELETE', `/v1/webhook-subscriptions/${hook.id}`);
  });

  it('absent nullable keys are filled in, also inside lists', async () => {
    const { data } = structuredClone(sampleOf('parcel.registered'));
    const items = data.parcel?.items.map((item, index) => ({
      name: `Item ${index}`,
      quantity: 1,
      ...item,
      note: undefined,
    }));
    const published = await publish('parcel.registered', { parcel: { ...data.parcel, items, expected_at: undefined } });
    assert.equal(published.status, 202, published.text);
    const { parcel } = published.json.data.data;
    assert.equal(parcel.expected_at, null);
    assert.deepEqual(
      parcel.items.map((item: { note: unknown }) => item.note),
      [null, null],
    );
  });

  it('wildcards are its families, and filters are its fields', async () => {
    const depots = await subscribe('/depots', ['depot.*']);
    const express = await subscribe('/express', ['parcel.*', 'depot.*'], {
      filters: { service: ['express'], country: ['NO', 'SE'] },
    });
    const slow = await subscribe('/slow', ['*'], { filters: { service: ['standard'] } });
    const opened = await publish('depot.opened');
    const registered = await publish('parcel.registered');
    // It has no country, so it does not match a filter that asks for one.
    const scanned = await publish('parcel.scanned');
    const { parcel } = sampleOf('parcel.registered').data;
    const later = await publish('parcel.registered', { parcel: { ...parcel, service: 'standard' } });
    assert.deepEqual(
      [opened, registered, scanned, later].map((answer) => answer.json.deliveries),
      [1, 1, 0, 1],
    );
    await until(() => ['/depots', '/express', '/slow'].every((path) => at(path).length === 1), 'one event at each');
    assert.deepEqual(idsAt('/depots'), [opened.json.data.id]);
    assert.deepEqual(idsAt('/express'), [registered.json.data.id]);
    assert.deepEqual(idsAt('/slow'), [later.json.data.id]);
    const unknown = await program.call('POST', '/v1/webhook-subscriptions', {
      body: { url: receiver.url, events: ['depot.opened'], filters: { plan: ['gold'] } },
    });
    assert.equal(unknown.json.code, 'filter_unknown');
    assert.match(unknown.json.detail, /"depot", "country"/);
    for (const { id } of [depots, express, slow]) await program.call('DELETE', `/v1/webhook-subscriptions/${id}`);
  });

  it('the event types of another product are unknown, and the nearest of its own are named', async () => {
    const published = await program.call('POST', '/v1/webhook-events', {
      body: { type: 'parcel.registred', project_id: 'p', data: {} },
    });
    assert.equal(published.json.code, 'event_type_unknown');
    assert.match(published.json.detail, /Did you mean "parcel\.registered"/);
    const membership = await program.call('POST', '/v1/webhook-events', {
      body: { type: 'member.joined', project_id: 'p', data: {} },
    });
    assert.equal(membership.status, 422);
    assert.equal(membership.json.code, 'event_type_unknown');
    assert.match(membership.json.detail, /Did you mean "(parcel|depot)\./);
    const subscribed = await program.call('POST', '/v1/webhook-subscriptions', {
      body: { url: receiver.url, event: 'member.*' },
    });
    assert.equal(subscribed.json.code, 'event_type_unknown');
    assert.equal((await program.call('GET', '/v1/event-types/member.joined')).json.code, 'event_type_not_found');
  });

  it('the MemberPass dialect, which this catalog does not rename for, sends the keys as they are', async () => {
    const hook = await subscribe('/memberpass', ['depot.opened'], { dialect: 'memberpass' });
    const published = await publish('depot.opened');
    await until(() => at('/memberpass').length === 1, 'the delivery');
    assert.deepEqual(at('/memberpass')[0]?.json, published.json.data);
    await program.call('DELETE', `/v1/webhook-subscriptions/${hook.id}`);
  });
});
