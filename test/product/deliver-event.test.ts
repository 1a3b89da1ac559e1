import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Answer } from '../http/api.ts';
import { stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Stage, setStage } from './stage.ts';

for (const { name, make } of stores)
  describe(`delivering a past event to an endpoint on ${name}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await setStage(make);
    });
    after(() => stage[Symbol.asyncDispose]());

    const deliver = (eventId: string, endpointId: string, headers: Record<string, string> = {}): Promise<Answer> =>
      stage.api.call('POST', `/v1/webhook-events/${eventId}/deliver`, { body: { endpoint_id: endpointId }, headers });
    const delivered = async (answer: Answer) => {
      assert.equal(answer.status, 202, answer.text);
      const { id } = answer.json.data;
      await until(async () => (await stage.delivery(id)).status === 'delivered', 'the delivery');
      return stage.delivery(id);
    };

    for (const dialect of ['standard', 'memberpass'])
      it(`sends one that was published before the endpoint was made, whatever it asks for, in its dialect (${dialect})`, async () => {
        const event = await stage.publish('member.joined');
        const path = `/late-${dialect}`;
        const id = await stage.create(path, { dialect, events: ['team.created'] });
        const sent = await delivered(await deliver(event.id, id));
        assert.deepEqual([sent.event_id, sent.replay_of, sent.is_test], [event.id, null, false]);
        // The same as an endpoint gets that was there in time.
        const early = await stage.create(`/early-${dialect}`, { dialect });
        const next = await stage.publish('member.joined');
        await stage.deliveryIn('delivered', early, next.id);
        const again = await delivered(await deliver(next.id, id));
        assert.equal(again.event_id, next.id);
        const [first, second] = stage.at(path);
        const [there] = stage.at(`/early-${dialect}`);
        assert.equal(second?.body, there?.body, 'the bytes that were frozen');
        assert.deepEqual(Object.keys(first?.json ?? {}), Object.keys(there?.json ?? {}));
        const named = first?.headers[dialect === 'standard' ? 'webhook-id' : 'mp-event-id'] ?? '';
        assert.ok(event.id.endsWith(named) && named !== '');
        for (const endpoint of [id, early]) await stage.remove(endpoint);
      });

    it('sends it again with the same bytes, as a delivery of its own each time, and once under a key', async () => {
      const event = await stage.publish('member.joined');
      const id = await stage.create('/again', { dialect: 'memberpass' });
      const key = { 'Idempotency-Key': 'deliver-1' };
      const first = await deliver(event.id, id, key);
      const repeated = await deliver(event.id, id, key);
      assert.equal(repeated.text, first.text);
      assert.equal(repeated.headers.get('idempotency-replayed'), 'true');
      await delivered(first);
      const second = await delivered(await deliver(event.id, id));
      assert.notEqual(second.id, first.json.data.id);
      const requests = stage.at('/again');
      assert.equal(requests.length, 2);
      assert.equal(requests[1]?.body, requests[0]?.body);
      await stage.remove(id);
    });

    it('refuses while the endpoint is paused, and what is not there in this team', async () => {
      const event = await stage.publish('member.joined');
      const id = await stage.create('/refused');
      await stage.patch(id, { state: 'paused' });
      const paused = await deliver(event.id, id);
      assert.deepEqual([paused.status, paused.json.code], [409, 'endpoint_not_active']);
      await stage.patch(id, { state: 'active' });
      const noEvent = await deliver('evt_none', id);
      assert.deepEqual([noEvent.status, noEvent.json.code], [404, 'event_not_found']);
      const noEndpoint = await deliver(event.id, 'ep_none');
      assert.deepEqual([noEndpoint.status, noEndpoint.json.code], [404, 'endpoint_not_found']);
      await stage.api.call('POST', '/v1/teams', { body: { id: 'team_d', name: 'D' } });
      const foreign = await deliver(event.id, id, { 'Team-Id': 'team_d' });
      assert.equal(foreign.json.code, 'event_not_found');
      const { token } = await stage.api.makeToken(['webhook-event:publish']);
      const body = { endpoint_id: id };
      const refused = await stage.api.call('POST', `/v1/webhook-events/${event.id}/deliver`, { token, body });
      assert.equal(refused.json.code, 'ability_missing');
      assert.deepEqual(stage.at('/refused'), []);
      await stage.remove(id);
    });
  });
