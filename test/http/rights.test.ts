import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { contractOperations, readContract } from '../../server/http/contract.ts';
import { ABILITIES as EVERY_ABILITY } from '../../server/token/abilities.ts';
import { copyOf, shippedPath, written } from '../catalog/catalogs.ts';
import { startReceiver } from '../support/receiver.ts';
import { stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Answer, type Api, startApi } from './api.ts';
import { DEAD_TARGET } from './samples.ts';

/** All but those over personal fields. */
const ABILITIES = EVERY_ABILITY.filter((ability) => !ability.startsWith('member:'));

for (const { name, make } of stores)
  describe(`a token for one project, on ${name}`, () => {
    let api: Api;
    let token: string;
    before(async () => {
      api = await startApi({ store: await make() });
      ({ token } = await api.makeToken(ABILITIES, undefined, ['prj_mine', 'prj_too']));
    });
    after(() => api[Symbol.asyncDispose]());

    const call = (method: string, path: string, body?: object, by: string | undefined = token): Promise<Answer> =>
      api.call(method, path, { ...(by === undefined ? {} : { token: by }), ...(body === undefined ? {} : { body }) });
    const asOperator = async (method: string, path: string, body?: object) =>
      (await api.call(method, path, body === undefined ? {} : { body })).json.data;
    const event = (project_id: string | null, type = 'member.joined') => {
      const data = api.hookloom.catalog.types.get(type)?.samples[0]?.data;
      return { type, data, ...(project_id === null ? {} : { project_id }) };
    };
    const endpoint = (project_id?: string) => ({ url: DEAD_TARGET, events: ['*'], ...(project_id && { project_id }) });

    it('publishes and makes endpoints for it, and for no other', async () => {
      assert.equal((await call('POST', '/v1/webhook-events', event('prj_mine'))).status, 202);
      assert.equal((await call('POST', '/v1/webhook-endpoints', endpoint('prj_mine'))).status, 201);
      for (const [path, body] of [
        ['/v1/webhook-events', event('prj_other')],
        ['/v1/webhook-events', event(null, 'team.created')],
        ['/v1/webhook-endpoints', endpoint('prj_other')],
        ['/v1/webhook-endpoints', endpoint()],
        ['/v1/webhook-subscriptions', endpoint('prj_other')],
      ] as const) {
        const { status, json } = await call('POST', path, body);
        assert.deepEqual(
          [status, json.code, json.errors[0].pointer],
          [403, 'project_not_allowed', '/project_id'],
          path,
        );
        assert.match(json.detail, /"prj_mine", "prj_too"/);
      }
      const events = [event('prj_mine'), event('prj_other')];
      const { data } = (await call('POST', '/v1/webhook-events/batch', { events })).json;
      assert.deepEqual(
        data.map((one: { status: number }) => one.status),
        [202, 403],
      );
      const { id } = (await call('POST', '/v1/webhook-endpoints', endpoint('prj_too'))).json.data;
      const moved = await call('PATCH', `/v1/webhook-endpoints/${id}`, { project_id: 'prj_other' });
      assert.deepEqual([moved.status, moved.json.code], [403, 'project_not_allowed']);
    });

    it('finds nothing of another project, and changes nothing of it', async () => {
      const other = (await asOperator('POST', '/v1/webhook-endpoints', endpoint('prj_other'))).id;
      const hook = (await asOperator('POST', '/v1/webhook-subscriptions', endpoint('prj_other'))).id;
      const whole = (await asOperator('POST', '/v1/webhook-endpoints', endpoint())).id;
      const eventId = (await asOperator('POST', '/v1/webhook-events', event('prj_other'))).id;
      const [delivery] = await asOperator('GET', `/v1/webhook-deliveries?endpoint_id=${other}`);
      const mine = (await call('POST', '/v1/webhook-endpoints', endpoint('prj_mine'))).json.data.id;
      const mineToo = (await call('POST', '/v1/webhook-events', event('prj_mine'))).json.data.id;
      const ids: Record<string, string[]> = {
        endpoints: [other, whole],
        subscriptions: [hook],
        events: [eventId],
        deliveries: [delivery.id],
      };
      const bodies: Record<string, object> = {
        deliverEvent: { endpoint_id: mine },
        createReplay: { since: '2026-01-01T00:00:00Z' },
        updateEndpoint: { name: 'mine now' },
      };
      const endpoints = async () =>
        (await asOperator('GET', '/v1/webhook-endpoints')).map(({ id, name, state }: Record<string, unknown>) => [
          id,
          name,
          state,
        ]);
      const before = await endpoints();
      for (const { id: operation, method, path } of contractOperations(readContract())) {
        const [, kind = ''] = path.match(/^\/v1\/webhook-(\w+)\/\{id\}/) ?? [];
        for (const id of ids[kind] ?? []) {
          const at = path.replace('{id}', id).replace('{replay_id}', 'rpl_1');
          const answer = await call(
            method.toUpperCase(),
            at,
            method === 'post' || method === 'patch' ? (bodies[operation] ?? {}) : undefined,
          );
          assert.equal(answer.status, operation === 'unsubscribeHook' ? 204 : 404, `${operation}: ${answer.text}`);
        }
      }
      assert.deepEqual(await endpoints(), before);
      for (const path of [
        'webhook-endpoints',
        'webhook-subscriptions',
        'webhook-events',
        'webhook-events?after=0',
        'webhook-deliveries',
      ]) {
        const { text, json } = await call('GET', `/v1/${path}`);
        assert.ok(json.data.length > 0 || path === 'webhook-subscriptions', path);
        for (const id of Object.values(ids).flat()) assert.ok(!text.includes(id), `${path}: ${id}`);
      }
      assert.deepEqual((await call('GET', '/v1/webhook-events?project_id=prj_other')).json.data, []);
      const samples = (await call('GET', '/v1/event-types/member.joined/samples')).json.data as {
        project_id: string;
      }[];
      assert.ok(samples.every(({ project_id }) => project_id === 'prj_mine'));

      const deliver = (event: string, endpoint_id: string) =>
        call('POST', `/v1/webhook-events/${event}/deliver`, { endpoint_id });
      assert.equal((await deliver(mineToo, other)).status, 404);
      assert.equal((await deliver(mineToo, mine)).status, 202);
      const retry = (body: object) => call('POST', '/v1/webhook-deliveries/retry', body);
      assert.equal((await retry({})).json.code, 'project_not_allowed');
      assert.equal((await retry({ endpoint_id: other })).status, 404);
      assert.equal((await retry({ endpoint_id: mine })).status, 202);
    });

    it('does nothing that is the whole team’s', async () => {
      for (const [method, path, body] of [
        ['GET', '/v1/tokens'],
        ['POST', '/v1/tokens', { name: 'more' }],
        ['GET', '/v1/audit-log'],
      ] as const) {
        const { status, json } = await call(method, path, body);
        assert.deepEqual([status, json.code], [403, 'project_not_allowed'], path);
      }
      assert.equal((await call('GET', '/v1/teams/current')).status, 200);
    });
  });

describe('a family of the catalog that requires an ability', () => {
  const catalog = copyOf(shippedPath);
  Object.assign(catalog.families.payment ?? {}, { required_ability: 'payment:read' });
  const data = (type: string) => {
    const entry = catalog.events.find((one) => one.name === type) ?? assert.fail();
    return { type, data: entry.samples[0]?.data, project_id: 'prj_1' };
  };

  it('is read by, and sent to, those who have it', async () => {
    await using api = await startApi({ catalogPath: written(catalog) });
    await using receiver = await startReceiver();
    const { token: without } = await api.makeToken([...ABILITIES, 'member:pii']);
    const { token: having } = await api.makeToken([...ABILITIES, 'member:pii', 'payment:read']);
    const create = (token: string, path: string, events: string[]) =>
      api.call('POST', '/v1/webhook-endpoints', { token, body: { url: receiver.url + path, events } });
    for (const pattern of ['payment.*', 'payment.failed']) {
      const { status, json } = await create(without, '/refused', ['member.joined', pattern]);
      assert.deepEqual([status, json.code, json.errors[0].pointer], [403, 'ability_missing', '/events/1']);
      assert.match(json.detail, /"payment:read"/);
    }
    // By a vendor's name, the pointer leads to that name.
    const events = ['member.activated', 'member.activated', 'member.subscription_payment_failed'];
    const named = await api.call('POST', '/v1/webhook-endpoints', {
      token: without,
      body: { url: receiver.url, events, dialect: 'memberply' },
    });
    assert.deepEqual([named.status, named.json.errors[0].pointer], [403, '/events/2']);
    assert.match(named.json.detail, /Leave "member.subscription_payment_failed" out/);
    const made = (await create(without, '/without', ['*'])).json.data.id;
    assert.equal((await create(having, '/having', ['*', 'payment.failed'])).status, 201);

    // Nor can it lead what others are sent to a URL of its own.
    const everything = (await create(having, '/everything', ['*'])).json.data.id;
    const members = (await create(having, '/members', ['member.*'])).json.data.id;
    const lead = (id: string, token: string) =>
      api.call('PATCH', `/v1/webhook-endpoints/${id}`, { token, body: { url: `${receiver.url}/mine` } });
    const refused = await lead(everything, without);
    assert.deepEqual(
      [refused.status, refused.json.code, refused.json.errors[0].pointer],
      [403, 'ability_missing', '/url'],
    );
    for (const [id, token] of [
      [everything, having],
      [members, without],
      [made, without],
    ] as const)
      assert.equal((await lead(id, token)).status, 200);
    for (const id of [everything, members])
      assert.equal((await api.call('DELETE', `/v1/webhook-endpoints/${id}`)).status, 204);
    await api.call('PATCH', `/v1/webhook-endpoints/${made}`, { body: { url: `${receiver.url}/without` } });

    const published = [];
    for (const type of ['payment.failed', 'member.joined'])
      published.push((await api.call('POST', '/v1/webhook-events', { body: data(type) })).json.data.id);
    const [payment, member] = published;
    const types = (path: string) => receiver.received.filter((one) => one.path === path).map(({ json }) => json.type);
    await until(() => types('/having').length === 2 && types('/without').length === 1, 'three deliveries');
    assert.deepEqual(types('/without'), ['member.joined']);

    for (const [token, seen] of [
      [without, [member]],
      [having, [member, payment]],
    ] as const) {
      const get = (path: string) => api.call('GET', path, { token });
      for (const path of ['/v1/webhook-events', '/v1/webhook-events?after=0']) {
        const found = (await get(path)).json.data.map(({ id }: { id: string }) => id);
        assert.deepEqual(found.toSorted(), [...seen].sort());
      }
      assert.equal((await get(`/v1/webhook-events/${payment}`)).status, token === having ? 200 : 404);
    }
    // A replay of everything that was missed does not bring them either.
    const body = { since: '2026-01-01T00:00:00Z' };
    const replay = (await api.call('POST', `/v1/webhook-endpoints/${made}/replays`, { body })).json.data.id;
    await until(
      async () => (await api.call('GET', `/v1/webhook-endpoints/${made}/replays/${replay}`)).json.data.state === 'done',
      'the replay',
    );
    assert.deepEqual(types('/without'), ['member.joined']);
    assert.equal(
      (await api.call('GET', '/webhook-events.json')).json.families.payment.required_ability,
      'payment:read',
    );
  });

  it('is granted by name, and a name that means nothing is refused', async () => {
    await using api = await startApi({ catalogPath: written(catalog) });
    const make = (token: string | undefined, abilities: string[]) =>
      api.call('POST', '/v1/tokens', { ...(token && { token }), body: { name: 'one', abilities } });
    const unknown = await make(undefined, ['team:view', 'payment:reed']);
    assert.deepEqual([unknown.status, unknown.json.errors[0].pointer], [422, '/abilities/1']);
    assert.match(unknown.json.detail, /payment:read/);
    const { token } = (await make(undefined, ['token:manage'])).json;
    assert.equal((await make(token, ['payment:read'])).json.code, 'ability_missing');
  });
});
