import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Stage, setStage } from './stage.ts';

const LONG_AGO = '2020-01-01T00:00:00Z';

for (const { name, make } of stores)
  describe(`replaying to an endpoint on ${name}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await setStage(make);
    });
    after(() => stage[Symbol.asyncDispose]());

    const answerWith = (status: number): void => {
      stage.receiver.answer = (_, response) => response.writeHead(status).end();
    };
    const begin = async (id: string, body: object = {}): Promise<string> => {
      const path = `/v1/webhook-endpoints/${id}/replays`;
      const made = await stage.api.call('POST', path, { body: { since: LONG_AGO, ...body } });
      assert.equal(made.status, 202, made.text);
      return `${path}/${made.json.data.id}`;
    };
    const read = async (path: string) => (await stage.api.call('GET', path)).json.data;
    /** Resolves when everything of a replay has reached its end. */
    const ended = async (path: string) => {
      await until(async () => {
        const { state, deliveries } = await read(path);
        return state !== 'running' && deliveries.pending + deliveries.failed + deliveries.held === 0;
      }, 'the replay and its deliveries to end');
      return read(path);
    };

    for (const dialect of ['standard', 'memberpass'])
      it(`who comes late gets all of the past that is theirs, byte for byte as others got it (${dialect})`, async () => {
        const early = await stage.create(`/early-${dialect}`, { dialect });
        for (let index = 0; index < 20; index += 1)
          await stage.publish('member.joined', { project_id: `p${index % 2}` });
        await until(() => stage.at(`/early-${dialect}`).length === 20, 'the live deliveries');
        const late = await stage.create(`/late-${dialect}`, { dialect, events: ['member.*'], project_id: 'p1' });
        const since = new Date(Date.now() - 60_000).toISOString();
        const { matched, created, deliveries } = await ended(await begin(late, { since }));
        const mine = stage.at(`/early-${dialect}`).filter(({ json }) => json.project_id === 'p1');
        assert.ok(created >= mine.length && matched === created && deliveries.delivered === created);
        const got = new Map(stage.at(`/late-${dialect}`).map((request) => [request.json.id, request]));
        assert.equal(got.size, created);
        for (const request of mine) {
          const again = got.get(request.json.id);
          assert.equal(again?.body, request.body);
          for (const header of ['webhook-id', 'mp-event-id', 'mp-event-name'])
            assert.equal(again?.headers[header], request.headers[header]);
        }
        for (const id of [early, late]) await stage.remove(id);
      });

    it('after an outage the dead are sent again, once, and listed under their replay', async () => {
      answerWith(410);
      const id = await stage.create('/outage', { events: ['plan.created'] });
      const event = await stage.publish('plan.created');
      const dead = await stage.deliveryIn('dead', id, event.id);
      await until(
        async () => (await stage.api.call('GET', `/v1/webhook-endpoints/${id}`)).json.data.state === 'disabled',
        'the endpoint to be disabled',
      );
      answerWith(204);
      const path = await begin(id, { statuses: ['dead', 'cancelled'] });
      assert.equal((await read(path)).created, 0);
      await stage.patch(id, { state: 'active' });
      assert.equal((await ended(path)).deliveries.delivered, 1);
      const list = await stage.api.call('GET', `/v1/webhook-deliveries?replay_id=${path.split('/').at(-1)}`);
      const [repeat, ...more] = list.json.data;
      assert.deepEqual([more, repeat.event_id, repeat.replay_of], [[], event.id, dead.id]);
      assert.equal(repeat.replay_id, path.split('/').at(-1));
      const [first, second] = stage.at('/outage');
      assert.equal(second?.body, first?.body);
      assert.equal((await ended(await begin(id, { statuses: ['dead', 'cancelled'] }))).created, 0);
      await stage.remove(id);
    });

    it('a cancelled replay makes no more, and what of it waited does not arrive', async () => {
      for (let index = 0; index < 40; index += 1) await stage.publish('team.created');
      const id = await stage.create('/called-off', { max_in_flight: 1 });
      stage.receiver.answer = (_, response) => setTimeout(() => response.writeHead(204).end(), 50);
      const path = await begin(id);
      await until(() => stage.at('/called-off').length >= 2, 'it to be under way');
      const { json } = await stage.api.call('POST', `${path}/cancel`);
      const arrived = stage.at('/called-off').length;
      assert.equal(json.data.state, 'cancelled');
      assert.ok(json.data.progress < 1);
      answerWith(204);
      const live = await stage.publish('team.created');
      await stage.deliveryIn('delivered', id, live.id);
      // One attempt was under way, and the live event came.
      assert.ok(stage.at('/called-off').length <= arrived + 2);
      assert.deepEqual((await read(path)).state, 'cancelled');
      await stage.remove(id);
    });
  });
