import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Answer } from '../http/api.ts';
import { execute } from '../support/execute.ts';
import { type Store, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Delivery, type Stage, setStage } from './stage.ts';

for (const { name, make } of stores)
  describe(`retrying many deliveries on ${name}`, () => {
    let store: Store;
    let stage: Stage;
    /** How the receiver answers at each path; 204 where nothing is said. */
    const replies = new Map<string, number>();
    before(async () => {
      store = await make();
      stage = await setStage(async () => store);
      stage.receiver.answer = ({ path }, response) => response.writeHead(replies.get(path) ?? 204).end();
    });
    after(() => stage[Symbol.asyncDispose]());

    const retry = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
      stage.api.call('POST', '/v1/webhook-deliveries/retry', { body, headers });
    const retried = async (body: object): Promise<number> => {
      const answer = await retry(body);
      assert.equal(answer.status, 202, answer.text);
      assert.equal(answer.json.has_more, false);
      return answer.json.data.retried;
    };
    const deliveries = async (id: string, status: string): Promise<Delivery[]> =>
      (await stage.deliveriesTo(id)).filter((delivery) => delivery.status === status);
    const inStatus = async (id: string, status: string, count: number): Promise<Delivery[]> => {
      let found: Delivery[] = [];
      await until(async () => {
        found = await deliveries(id, status);
        return found.length === count;
      }, `${count} deliveries to be ${status}`);
      return found;
    };
    /** An endpoint at a path of the receiver that takes nothing, with so many failed deliveries. */
    const outage = async (path: string, count: number, more: object = {}): Promise<string> => {
      replies.set(path, 500);
      // Its first wait is a minute, so that nothing is attempted again meanwhile.
      const id = await stage.create(path, { events: ['team.created'], retry_policy: 'memberply', ...more });
      for (let published = 0; published < count; published += 1) await stage.publish('team.created');
      await inStatus(id, 'failed', count);
      return id;
    };
    /** What their retry policy brings about in days. */
    const giveUp = async (id: string, status: 'dead' | 'cancelled' = 'dead'): Promise<void> => {
      await execute(
        store,
        `update delivery set status = '${status}', settled_at = due_at where endpoint_id = '${id}' and status = 'failed'`,
      );
    };

    it('sends what is dead again under the same event ids, with the same bytes, and once', async () => {
      const id = await outage('/dead', 30, { dialect: 'memberpass' });
      await giveUp(id);
      const before = stage.at('/dead').map((request) => request.body);
      replies.set('/dead', 204);
      assert.equal(await retried({ endpoint_id: id }), 30);
      const replays = await inStatus(id, 'delivered', 30);
      const dead = await deliveries(id, 'dead');
      assert.deepEqual(replays.map((one) => one.replay_of).toSorted(), dead.map((one) => one.id).toSorted());
      assert.deepEqual(replays.map((one) => one.event_id).toSorted(), dead.map((one) => one.event_id).toSorted());
      const bodies = stage.at('/dead').map((request) => request.body);
      assert.deepEqual(bodies.slice(30).toSorted(), before.toSorted());
      assert.equal(await retried({ endpoint_id: id }), 0, 'all of it has been delivered since');
      await stage.remove(id);
    });

    it('of several dead deliveries of one event retries the last only, and leaves out those whose replay waits', async () => {
      const id = await outage('/chain', 2);
      await giveUp(id);
      assert.equal(await retried({ endpoint_id: id }), 2);
      await inStatus(id, 'failed', 2);
      assert.equal(await retried({ endpoint_id: id }), 0, 'their replays wait for the next attempt');
      await giveUp(id);
      const dead = await inStatus(id, 'dead', 4);
      replies.set('/chain', 204);
      assert.equal(await retried({ endpoint_id: id }), 2);
      const delivered = await inStatus(id, 'delivered', 2);
      const replays = dead.filter((one) => one.replay_of !== null).map((one) => one.id);
      assert.deepEqual(delivered.map((one) => one.replay_of).toSorted(), replays.toSorted());
      await stage.remove(id);
    });

    it('makes what is failed due now, the same deliveries, and attempts each once', async () => {
      const id = await outage('/failed', 10);
      replies.set('/failed', 204);
      assert.equal(await retried({ endpoint_id: id }), 0, 'none is dead');
      assert.equal(await retried({ endpoint_id: id, status: 'failed' }), 10);
      const delivered = await inStatus(id, 'delivered', 10);
      assert.deepEqual(
        delivered.map((one) => [one.replay_of, one.attempt_count]),
        Array.from({ length: 10 }, () => [null, 2]),
      );
      assert.equal(stage.at('/failed').length, 20);
      await stage.remove(id);
    });

    it('retries what was cancelled when it is asked to', async () => {
      const id = await outage('/cancelled', 3);
      await giveUp(id, 'cancelled');
      replies.set('/cancelled', 204);
      assert.equal(await retried({ endpoint_id: id }), 0);
      assert.equal(await retried({ endpoint_id: id, status: 'cancelled' }), 3);
      await inStatus(id, 'delivered', 3);
      await stage.remove(id);
    });

    it('keeps to its filters: endpoint, event, type and the time at which a delivery was made', async () => {
      const one = await outage('/one', 3, { events: ['team.created'] });
      await giveUp(one);
      const [newest, middle, oldest] = await deliveries(one, 'dead');
      assert.ok(newest && middle && oldest);
      const times = ['2026-05-01T08:00:00.000Z', '2026-05-01T08:00:00.001Z', '2026-05-01T08:00:00.002Z'];
      for (const [index, { id }] of [oldest, middle, newest].entries())
        await execute(
          store,
          `update delivery set created_at = ${Date.parse(times[index] ?? '')} where team_id = 'default' and id = '${id}'`,
        );
      replies.set('/one', 204);
      assert.equal(await retried({ event_id: 'no_such_event' }), 0);
      assert.equal(await retried({ type: 'member.joined' }), 0);
      assert.equal(await retried({ until: times[0] }), 0);
      assert.equal(await retried({ since: '2099-01-01T00:00:00Z' }), 0);
      assert.equal(await retried({ event_id: middle.event_id }), 1);
      assert.equal(await retried({ type: 'team.created', since: times[2] }), 1);
      assert.equal(await retried({ since: times[0], until: times[1] }), 1);
      await inStatus(one, 'delivered', 3);
      const upsideDown = await retry({ status: 'delivered' });
      assert.deepEqual([upsideDown.status, upsideDown.json.code], [422, 'validation_failed']);
      await stage.remove(one);
    });

    it('leaves endpoints out that are not active, and says so of the one that it is asked for', async () => {
      const paused = await outage('/paused', 2);
      const removed = await outage('/removed', 2, { events: ['team.created'] });
      await giveUp(paused);
      await giveUp(removed);
      await stage.patch(paused, { state: 'paused' });
      await stage.remove(removed);
      assert.equal(await retried({ type: 'team.created' }), 0);
      const refused = await retry({ endpoint_id: paused });
      assert.deepEqual([refused.status, refused.json.code], [409, 'endpoint_not_active']);
      for (const gone of [removed, 'ep_never']) {
        const missing = await retry({ endpoint_id: gone });
        assert.deepEqual([missing.status, missing.json.code], [404, 'endpoint_not_found']);
      }
      replies.set('/paused', 204);
      await stage.patch(paused, { state: 'active' });
      assert.ok((await retried({ endpoint_id: paused })) >= 2);
      await until(async () => (await deliveries(paused, 'delivered')).length >= 2, 'the replays');
      await stage.remove(paused);
    });

    it('under a key answers the same again and retries nothing twice, not even what has died since', async () => {
      const id = await outage('/key', 5);
      await giveUp(id);
      const headers = { 'Idempotency-Key': 'retry-1' };
      const answers = await Promise.all(Array.from({ length: 8 }, () => retry({ endpoint_id: id }, headers)));
      assert.equal(new Set(answers.map((answer) => answer.text)).size, 1, answers[0]?.text);
      assert.equal(answers[0]?.json.data.retried, 5);
      await inStatus(id, 'failed', 5);
      await giveUp(id);
      const again = await retry({ endpoint_id: id }, headers);
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      assert.equal(again.text, answers[0]?.text);
      await inStatus(id, 'dead', 10);
      const other = await retry({ endpoint_id: id, status: 'failed' }, headers);
      assert.deepEqual([other.status, other.json.code], [422, 'idempotency_key_reused']);
      await stage.remove(id);
    });

    it('is for tokens that may manage endpoints, and for their own team alone', async () => {
      const id = await outage('/foreign', 1);
      await giveUp(id);
      const reader = await stage.api.makeToken(['webhook-delivery:read']);
      const call = (token: string, body: object) =>
        stage.api.call('POST', '/v1/webhook-deliveries/retry', { token, body });
      assert.equal((await call(reader.token, {})).json.code, 'ability_missing');
      await stage.api.call('POST', '/v1/teams', { body: { id: 'team_f', name: 'F' } });
      const foreign = await stage.api.makeToken(['webhook-endpoint:manage'], 'team_f');
      assert.equal((await call(foreign.token, {})).json.data.retried, 0);
      assert.equal((await call(foreign.token, { endpoint_id: id })).json.code, 'endpoint_not_found');
      await stage.remove(id);
    });
  });
