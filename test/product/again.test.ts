import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Delivery, type Stage, setStage } from './stage.ts';

for (const { name, make } of stores)
  describe(`sending again and sending a test on ${name}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await setStage(make);
    });
    after(() => stage[Symbol.asyncDispose]());

    const answerWith = (status: number): void => {
      stage.receiver.answer = (_, response) => response.writeHead(status).end();
    };
    const retry = async (id: string): Promise<Delivery> => {
      const answer = await stage.api.call('POST', `/v1/webhook-deliveries/${id}/retry`);
      assert.equal(answer.status, 202, answer.text);
      return answer.json.data;
    };
    const test = async (id: string, body?: object): Promise<{ delivery_id: string; event_id: string }> => {
      const answer = await stage.api.call('POST', `/v1/webhook-endpoints/${id}/test`, { body });
      assert.equal(answer.status, 202, answer.text);
      return answer.json.data;
    };
    const samples = async (type: string): Promise<{ id: string }[]> =>
      (await stage.api.call('GET', `/v1/event-types/${type}/samples`)).json.data;

    it('a failed delivery is due now when it is retried: the same delivery, the next attempt, the same bytes', async () => {
      answerWith(503);
      const id = await stage.create('/failed');
      const event = await stage.publish('member.joined');
      const failed = await stage.deliveryIn('failed', id, event.id);
      assert.ok(Date.parse(failed.next_attempt_at ?? '') > Date.now(), 'its retry lies ahead');
      answerWith(204);
      assert.equal((await retry(failed.id)).id, failed.id);
      const delivered = await stage.deliveryIn('delivered', id, event.id);
      assert.equal(delivered.id, failed.id);
      assert.deepEqual(
        delivered.attempts.map((attempt) => attempt.status),
        [503, 204],
      );
      const [first, second, ...more] = stage.at('/failed');
      assert.deepEqual(more, []);
      assert.equal(second?.body, first?.body);
      assert.deepEqual(
        [first, second].map((request) => request?.headers['hookloom-attempt']),
        ['1', '2'],
      );
      await stage.remove(id);
    });

    for (const dialect of ['standard', 'memberpass'])
      it(`a delivered one is sent as a new delivery of the same event: the same id and bytes (${dialect})`, async () => {
        const path = `/replayed-${dialect}`;
        const id = await stage.create(path, { dialect });
        const event = await stage.publish('member.joined');
        const original = await stage.deliveryIn('delivered', id, event.id);
        // What was frozen at the publish stays so, whatever the endpoint would get today.
        await stage.patch(id, { dialect: dialect === 'standard' ? 'memberpass' : 'standard' });
        const replay = await retry(original.id);
        assert.notEqual(replay.id, original.id);
        assert.deepEqual([replay.replay_of, replay.event_id], [original.id, event.id]);
        await until(async () => (await stage.delivery(replay.id)).status === 'delivered', 'the replay');
        const [first, second, ...more] = stage.at(path);
        assert.deepEqual(more, []);
        assert.equal(second?.body, first?.body);
        for (const header of ['webhook-id', 'mp-event-id', 'mp-event-name'])
          assert.equal(second?.headers[header], first?.headers[header]);
        assert.equal(second?.headers['hookloom-attempt'], '1');
        assert.deepEqual(await stage.delivery(original.id), original, 'the original stays as it was');
        await stage.remove(id);
      });

    it('what a 410 made dead or cancelled can be sent again once the endpoint is active', async () => {
      answerWith(410);
      const id = await stage.create('/revived');
      const event = await stage.publish('team.created');
      const dead = await stage.deliveryIn('dead', id, event.id);
      await until(
        async () => (await stage.api.call('GET', `/v1/webhook-endpoints/${id}`)).json.data.state === 'disabled',
        'the endpoint to be disabled',
      );
      answerWith(204);
      const early = await stage.api.call('POST', `/v1/webhook-deliveries/${dead.id}/retry`);
      assert.equal(early.json.code, 'endpoint_not_active');
      await stage.patch(id, { state: 'active' });
      const replay = await retry(dead.id);
      await until(async () => (await stage.delivery(replay.id)).status === 'delivered', 'the replay');
      await stage.remove(id);
    });

    it('a test goes to the one endpoint alone, marked as one, and is no event of the team', async () => {
      const tested = await stage.create('/tested');
      const other = await stage.create('/other');
      const narrowed = await stage.create('/narrowed', { events: ['payment.*'], project_id: 'prj_none' });
      const sent = await test(tested);
      await until(() => stage.at('/tested').length === 1, 'the test');
      const [request] = stage.at('/tested');
      assert.equal(request?.headers['hookloom-test'], 'true');
      assert.equal(request?.json.type, 'webhook.test');
      assert.equal(request?.json.id, sent.event_id);
      // An endpoint's own narrowing is about real events.
      const chosen = await test(narrowed, { type: 'member.joined' });
      await until(() => stage.at('/narrowed').length === 1, 'the chosen test');
      const [sample] = await samples('member.joined');
      const { id, created_at, ...rest } = stage.at('/narrowed')[0]?.json ?? assert.fail();
      const { id: sampleId, created_at: _, ...sampleRest } = (sample ?? assert.fail()) as Record<string, unknown>;
      assert.deepEqual(rest, sampleRest, 'it is the sample');
      assert.equal(id, chosen.event_id);
      assert.notEqual(id, sampleId);
      assert.ok(Date.parse(String(created_at)) > Date.now() - 60_000);

      const real = await stage.publish('team.created');
      await stage.deliveryIn('delivered', other, real.id);
      assert.deepEqual(
        stage.at('/other').map((one) => one.json.id),
        [real.id],
      );
      assert.equal(stage.at('/other')[0]?.headers['hookloom-test'], undefined);
      const { data: events } = (await stage.api.call('GET', '/v1/webhook-events?limit=100')).json;
      const ids = events.map((event: { id: string }) => event.id);
      assert.ok(ids.includes(real.id));
      assert.ok(!ids.includes(sent.event_id) && !ids.includes(chosen.event_id));
      assert.equal((await stage.delivery(sent.delivery_id)).is_test, true);
      for (const endpoint of [tested, other, narrowed]) await stage.remove(endpoint);
    });

    it('a test of a type never becomes its sample', async () => {
      const before = await samples('plan.created');
      const id = await stage.create('/sampled');
      const { delivery_id } = await test(id, { type: 'plan.created' });
      await until(async () => (await stage.delivery(delivery_id)).status === 'delivered', 'the test');
      assert.deepEqual(await samples('plan.created'), before);
      const real = await stage.publish('plan.created');
      assert.deepEqual(
        (await samples('plan.created')).map((sample) => sample.id),
        [real.id],
      );
      await stage.remove(id);
    });
  });
