import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Envelope } from '../../server/catalog/types.ts';
import { askBeside, dump } from '../support/ask-beside.ts';
import { type Store, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Stage, setStage } from './stage.ts';

const ABILITIES = ['webhook-endpoint:manage', 'webhook-event:read', 'webhook-delivery:read'];

type Member = Record<string, unknown> & { id: string; email: string | null };

for (const { name, make } of stores)
  describe(`personal fields on ${name}`, () => {
    let store: Store;
    let stage: Stage;
    /** A token that may not read them, and one that may. */
    let without: string;
    let having: string;
    before(async () => {
      store = await make();
      stage = await setStage(async () => store);
      ({ token: without } = await stage.api.makeToken(ABILITIES));
      ({ token: having } = await stage.api.makeToken([...ABILITIES, 'member:pii']));
    });
    after(() => stage[Symbol.asyncDispose]());

    /** The sample of a type, about another member. */
    const dataOf = (type: string, member: Partial<Member>): Envelope['data'] => {
      const { data } = stage.api.hookloom.catalog.types.get(type)?.samples[0] ?? assert.fail();
      const given = structuredClone(data) as Record<string, Member>;
      Object.assign(given.member ?? {}, member);
      if (given.subscription !== undefined && member.id !== undefined) given.subscription.member_id = member.id;
      return given;
    };
    const isValid = (type: string, data: unknown) =>
      assert.deepEqual(stage.api.hookloom.catalog.types.get(type)?.validate(data), []);

    it('are blank in every read of a token without member:pii, and the data fits its schema', async () => {
      const ada = { id: 'mem_ada', email: 'ada@example.com', name: 'Ada L', custom_fields: { shoe: 42 } };
      const { id } = await stage.publish('member.updated', { data: dataOf('member.updated', ada) });
      const read = async (token: string): Promise<Envelope[]> => {
        const get = async (path: string) => (await stage.api.call('GET', path, { token })).json.data;
        const [list, feed] = [await get('/v1/webhook-events'), await get('/v1/webhook-events?after=0')];
        return [
          await get(`/v1/webhook-events/${id}`),
          (await get('/v1/event-types/member.updated/samples'))[0],
          ...[list, feed].map((all) => all.find((one: Envelope) => one.id === id)),
        ];
      };
      for (const { data } of await read(having)) assert.equal((data as { member: Member }).member.email, ada.email);
      for (const { data, type } of await read(without)) {
        const { member, changes } = data as { member: Member; changes: { from: unknown; to: unknown }[] };
        assert.deepEqual([member.id, member.email, member.name, member.custom_fields], ['mem_ada', null, null, {}]);
        assert.ok(changes.length > 0 && changes.every(({ from, to }) => from === null && to === null));
        isValid(type, data);
      }
    });

    it('are blank in what is delivered to an endpoint that such a token made, in every dialect', async () => {
      const { catalog } = stage.api.hookloom;
      const types = ['member.joined', 'member.updated', 'team.member.joined', 'payment.failed'];
      const secrets = ['grace@example.com', 'Grace H', 'only-grace'];
      const member = { id: 'mem_grace', email: secrets[0] ?? '', name: secrets[1], metadata: { is: secrets[2] } };
      for (const dialect of ['standard', 'custom', ...Object.keys(catalog.dialects)])
        for (const [token, isPersonal] of [
          [without, false],
          [having, true],
        ] as const) {
          const url = `${stage.receiver.url}/${dialect}/${isPersonal}`;
          const made = await stage.api.call('POST', '/v1/webhook-endpoints', {
            token,
            body: { url, events: ['*'], dialect },
          });
          assert.equal(made.status, 201, made.text);
          assert.deepEqual([made.json.data.dialect, made.json.data.pii], [dialect, isPersonal]);
        }
      const earlier = stage.receiver.received.length;
      let expected = 0;
      for (const type of types) expected += (await stage.publish(type, { data: dataOf(type, member) })).deliveries;
      await until(() => stage.receiver.received.length === earlier + expected, 'every delivery');
      const bodies = (isPersonal: boolean) =>
        stage.receiver.received
          .filter(({ path }) => path.endsWith(`/${isPersonal}`))
          .map(({ body }) => body)
          .join('\n');
      for (const secret of secrets) {
        assert.ok(bodies(true).includes(secret), secret);
        assert.ok(!bodies(false).includes(secret), secret);
      }
      assert.ok(bodies(false).includes('grace'), 'ids stay');
      for (const { json } of stage.at('/standard/false')) isValid(json.type, json.data);
      for (const { json } of stage.at('/memberstack/false')) assert.ok(!JSON.stringify(json).includes('~blank'));
    });

    it('do not go elsewhere because somebody without member:pii says so, nor does what a receiver replied', async () => {
      stage.receiver.answer = (_, response) => response.writeHead(500).end('no such address: linus@example.com');
      const id = await stage.create('/echo');
      const event = await stage.publish('member.joined', { data: dataOf('member.joined', { id: 'mem_linus' }) });
      const { id: deliveryId, attempts } = await stage.deliveryIn('failed', id, event.id);
      assert.match(attempts[0]?.reply_body ?? '', /linus/);
      const shown = await stage.api.call('GET', `/v1/webhook-deliveries/${deliveryId}`, { token: without });
      assert.deepEqual([shown.json.data.attempts[0].status, shown.json.data.attempts[0].reply_body], [500, null]);
      const patch = (token: string, body: object) =>
        stage.api.call('PATCH', `/v1/webhook-endpoints/${id}`, { token, body });
      const refused = await patch(without, { url: `${stage.receiver.url}/mine` });
      assert.deepEqual([refused.status, refused.json.code], [403, 'ability_missing']);
      assert.equal((await patch(without, { name: 'mine', url: `${stage.receiver.url}/echo` })).status, 200);
      assert.equal((await patch(having, { url: `${stage.receiver.url}/elsewhere` })).status, 200);
      stage.receiver.answer = (_, response) => response.writeHead(204).end();
      await stage.remove(id);
    });

    it('of one person are erased from everything that is stored, and nothing of anybody else', async () => {
      const erase = async (body: object) => {
        const answer = await stage.api.call('POST', '/v1/erasures', { body });
        assert.equal(answer.status, 200, answer.text);
        return answer.json.data;
      };
      stage.receiver.answer = (request, response) =>
        response.writeHead(200, { 'x-echo': 'alan@example.com' }).end(request.body);
      const { data: others } = (await stage.api.call('GET', '/v1/webhook-endpoints?limit=100')).json;
      for (const { id } of others) await stage.remove(id);
      const standard = await stage.create('/erased', { ordered: true, ordering_key: '/data/member/email' });
      const vendor = await stage.create('/erased-vendor', { dialect: 'memberstack' });
      const alan = { id: 'mem_alan', email: 'Alan@Example.com', name: 'Alan T', metadata: { is: 'only-alan' } };
      const other = { id: 'mem_kurt', email: 'kurt@example.com', name: 'Kurt G' };
      const first = await stage.publish('member.created', { data: dataOf('member.created', alan) });
      for (const endpoint of [standard, vendor]) await stage.deliveryIn('delivered', endpoint, first.id);
      for (const endpoint of [standard, vendor]) await stage.patch(endpoint, { state: 'paused' });
      // Its address is in none of it: the id leads there.
      const hidden = { ...alan, email: null };
      const second = await stage.publish('payment.succeeded', { data: dataOf('payment.succeeded', hidden) });
      const kept = await stage.publish('member.created', { data: dataOf('member.created', other) });

      const done = await erase({ email: 'alan@example.COM' });
      assert.equal(done.events, 2);
      assert.ok(done.attempts >= 2, `${done.attempts} attempts`);
      assert.deepEqual(await erase({ member_id: 'mem_alan' }), { events: 0, attempts: 0 });
      const text = await dump(store);
      for (const trace of [/alan@example/i, /Alan T/, /only-alan/]) assert.doesNotMatch(text, trace);
      for (const trace of [/mem_alan/, /kurt@example.com/, /Kurt G/]) assert.match(text, trace);
      for (const { id } of [first, second]) {
        const { data } = (await stage.api.call('GET', `/v1/webhook-events/${id}`)).json;
        isValid(data.type, data.data);
      }

      // What still waited is delivered without them.
      stage.receiver.answer = (_, response) => response.writeHead(204).end();
      for (const endpoint of [standard, vendor]) await stage.patch(endpoint, { state: 'active' });
      for (const endpoint of [standard, vendor])
        for (const { id } of [second, kept]) await stage.deliveryIn('delivered', endpoint, id);
      const bodies = [...stage.at('/erased'), ...stage.at('/erased-vendor')]
        .slice(2)
        .map(({ body }) => body)
        .join('\n');
      assert.doesNotMatch(bodies.slice(bodies.indexOf(second.id)), /only-alan|Alan T/);
      assert.match(bodies, /kurt@example.com/);

      const log = (await stage.api.call('GET', '/v1/audit-log')).json.data as {
        action: string;
        target: string;
        changes: object;
      }[];
      const erasures = log.filter(({ action }) => action === 'person.erased');
      assert.deepEqual(
        erasures.map(({ target }) => target),
        ['mem_alan', 'email'],
      );
      assert.ok(isDeepStrictEqual(erasures[1]?.changes, done));
    });

    it('are erased in many pages, once under a key, by whoever may', async () => {
      const ada = { id: 'mem_many', email: 'many@example.com' };
      const body = { type: 'member.created', data: dataOf('member.created', ada), project_id: 'prj_1' };
      const events = Array.from({ length: 400 }, () => body);
      for (let batch = 0; batch < 3; batch += 1)
        await stage.api.call('POST', '/v1/webhook-events/batch', { body: { events } });
      const call = (token: string | undefined) =>
        stage.api.call('POST', '/v1/erasures', {
          ...(token === undefined ? {} : { token }),
          headers: { 'Idempotency-Key': 'once' },
          body: { member_id: 'mem_many' },
        });
      assert.equal((await call(having)).status, 403);
      const [one, two] = [await call(undefined), await call(undefined)];
      assert.deepEqual([one.json.data.events, two.json.data.events], [1200, 1200]);
      assert.equal(two.headers.get('idempotency-replayed'), 'true');
      assert.deepEqual(await askBeside(store, "select 1 as found from event where envelope like '%many@example%'"), []);
    });
  });
