import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Stage, setStage } from './stage.ts';

/** The data of both types, as far as tests look. */
interface Told {
  endpoint: object;
  delivery: object;
  event: object;
  reason: string;
  last_attempt: object;
  links: Record<string, string>;
}

const BOTH = ['webhook.endpoint_disabled', 'webhook.delivery_dead'];

for (const { name, make } of stores)
  describe(`what the server tells of its own work on ${name}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await setStage(make);
      stage.receiver.answer = ({ path }, response) => response.writeHead(path.includes('gone') ? 410 : 204).end();
    });
    after(() => stage[Symbol.asyncDispose]());

    const typesAt = (path: string) => stage.at(path).map((request) => request.json.type);
    const eventsOf = async (type: string) => {
      const { json } = await stage.api.call('GET', `/v1/webhook-events?type=${type}&limit=100`);
      return json.data;
    };

    it('goes to who names it: a dead delivery and a disabled endpoint, with the reason, and links that lead there', async () => {
      const ear = await stage.create('/ear', { events: BOTH });
      const all = await stage.create('/all');
      const gone = await stage.create('/gone', { events: ['team.created'], name: 'Accounting' });
      const event = await stage.publish('team.created');
      const delivery = await stage.deliveryIn('dead', gone, event.id);
      await until(() => stage.at('/ear').length === 2, 'both events');
      const received = stage.at('/ear').map((request) => request.json);
      const told = (type: string) => received.find((one) => one.type === type)?.data as Told;
      const dead = told('webhook.delivery_dead');
      const disabled = told('webhook.endpoint_disabled');
      const endpoint = { id: gone, name: 'Accounting', origin: new URL(stage.receiver.url).origin };
      assert.deepEqual(dead.endpoint, endpoint);
      assert.deepEqual(dead.delivery, { id: delivery.id });
      assert.deepEqual(dead.event, { id: event.id, type: 'team.created' });
      assert.deepEqual(dead.last_attempt, { number: 1, status: 410, error: null });
      assert.match(dead.reason, /410 Gone/);
      assert.deepEqual(disabled.endpoint, endpoint);
      assert.match(disabled.reason, /410 Gone/);
      for (const { type, data } of received) {
        assert.deepEqual(stage.api.hookloom.catalog.types.get(type)?.validate(data), []);
        for (const link of Object.values((data as Told).links))
          assert.equal((await stage.api.call('GET', link)).status, 200, link);
      }
      assert.deepEqual(typesAt('/all'), ['team.created']);
      for (const id of [ear, all, gone]) await stage.remove(id);
    });

    it('says nothing of the death of what it says: the event of a dead delivery that dies itself is the last', async () => {
      const before = (await eventsOf('webhook.delivery_dead')).length;
      const gone = await stage.create('/gone/deaf', { events: ['team.created', 'webhook.delivery_dead'] });
      const deaf = await stage.create('/gone/ear', { events: ['webhook.delivery_dead'] });
      const event = await stage.publish('team.created');
      await stage.deliveryIn('dead', gone, event.id);
      const [told] = await eventsOf('webhook.delivery_dead');
      await stage.deliveryIn('dead', deaf, told.id);
      const other = await stage.create('/other', { events: ['team.deleted'] });
      await stage.deliveryIn('delivered', other, (await stage.publish('team.deleted')).id);
      assert.equal((await eventsOf('webhook.delivery_dead')).length, before + 1);
      for (const id of [gone, deaf, other]) await stage.remove(id);
    });

    it('cannot be published by callers, nor covered by a wildcard', async () => {
      for (const type of BOTH) {
        const { data } = stage.api.hookloom.catalog.types.get(type)?.samples[0] ?? assert.fail();
        const refused = await stage.api.call('POST', '/v1/webhook-events', { body: { type, data } });
        assert.deepEqual([refused.status, refused.json.code], [422, 'event_type_system']);
      }
      const body = { url: `${stage.receiver.url}/x`, events: ['webhook.*'] };
      assert.equal((await stage.api.call('POST', '/v1/webhook-endpoints', { body })).status, 422);
    });
  });
