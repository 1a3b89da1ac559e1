import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { shutGate } from '../support/gate.ts';
import type { Answer } from '../support/receiver.ts';
import { stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Stage, setStage } from './stage.ts';

const TAKE: Answer = (_, response) => response.writeHead(204).end();

for (const { name, make } of stores)
  describe(`the life of an endpoint on ${name}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await setStage(make);
    });
    after(() => stage[Symbol.asyncDispose]());

    it('begins at once: an event that is published right after it was created goes to it', async () => {
      for (let round = 0; round < 20; round += 1) {
        const id = await stage.create(`/fresh-${round}`);
        assert.equal((await stage.publish('team.created')).deliveries, 1);
        await until(() => stage.at(`/fresh-${round}`).length === 1, 'the event');
        await stage.remove(id);
      }
    });

    it('is held while paused, and goes on where it was when resumed: nothing is lost, nothing was sent meanwhile', async () => {
      const id = await stage.create('/paused');
      const first = await stage.publish('team.created');
      await stage.deliveryIn('delivered', id, first.id);
      await stage.patch(id, { state: 'paused' });
      const waiting = [await stage.publish('team.created'), await stage.publish('team.deleted')];
      const other = await stage.create('/not-paused');
      const after = await stage.publish('team.created');
      await stage.deliveryIn('delivered', other, after.id);
      for (const event of [...waiting, after]) await stage.deliveryIn('held', id, event.id);
      assert.equal(stage.at('/paused').length, 1);
      await stage.patch(id, { state: 'active' });
      for (const event of [...waiting, after]) await stage.deliveryIn('delivered', id, event.id);
      assert.deepEqual(
        stage
          .at('/paused')
          .map((request) => request.json.id)
          .toSorted(),
        [first, ...waiting, after].map((event) => event.id).toSorted(),
      );
      await stage.remove(id);
      await stage.remove(other);
    });

    it('holds a delivery whose retry was scheduled when it is paused, and tries it again when it is resumed', async () => {
      stage.receiver.answer = (_, response) => response.writeHead(500).end();
      const id = await stage.create('/failing');
      const event = await stage.publish('team.created');
      await stage.deliveryIn('failed', id, event.id);
      await stage.patch(id, { state: 'paused' });
      assert.equal((await stage.deliveryIn('held', id, event.id)).next_attempt_at, null);
      stage.receiver.answer = TAKE;
      await stage.patch(id, { state: 'active' });
      const delivered = await stage.deliveryIn('delivered', id, event.id);
      assert.deepEqual(
        delivered.attempts.map((attempt) => [attempt.number, attempt.status]),
        [
          [1, 500],
          [2, 204],
        ],
      );
      await stage.remove(id);
    });

    it('sends what it held in the order in which it came when it is resumed, where it is ordered', async () => {
      const id = await stage.create('/ordered', { ordered: true });
      await stage.patch(id, { state: 'paused' });
      const ids: string[] = [];
      for (let count = 0; count < 10; count += 1) ids.push((await stage.publish('team.created')).id);
      await stage.patch(id, { state: 'active' });
      ids.push((await stage.publish('team.created')).id);
      await until(() => stage.at('/ordered').length === ids.length, 'all of them');
      assert.deepEqual(
        stage.at('/ordered').map((request) => request.json.id),
        ids,
      );
      await stage.remove(id);
    });

    it('goes on without what it held when it is resumed with held: discard', async () => {
      const id = await stage.create('/discards');
      await stage.patch(id, { state: 'paused' });
      const held = await stage.publish('team.created');
      await stage.patch(id, { state: 'active', held: 'discard' });
      assert.equal((await stage.deliveryIn('cancelled', id, held.id)).attempt_count, 0);
      const next = await stage.publish('team.created');
      await stage.deliveryIn('delivered', id, next.id);
      assert.deepEqual(
        stage.at('/discards').map((request) => request.json.id),
        [next.id],
      );
      await stage.patch(id, { state: 'paused' });
      const kept = await stage.publish('team.created');
      await stage.patch(id, { state: 'active', held: 'deliver' });
      await stage.deliveryIn('delivered', id, kept.id);
      for (const body of [{ held: 'discard' }, { held: 'deliver', state: 'paused' }]) {
        const refused = await stage.api.call('PATCH', `/v1/webhook-endpoints/${id}`, { body });
        assert.deepEqual([refused.status, refused.json.code], [422, 'validation_failed']);
        assert.deepEqual(refused.json.errors[0].pointer, '/held');
      }
      await stage.remove(id);
    });

    it('ends with its delete: no attempt starts more than a second later, and what waited is cancelled', async () => {
      const events = 500;
      // Nothing is answered until the delete is acknowledged; then the backlogs take two seconds.
      const gate = shutGate((_, response) => setTimeout(() => response.writeHead(204).end(), 40));
      stage.receiver.answer = gate.answer;
      const kept = await stage.create('/kept', { timeout_ms: 30_000 });
      const id = await stage.create('/deleted', { timeout_ms: 30_000 });
      await Promise.all(Array.from({ length: events }, () => stage.publish('team.created')));
      await stage.remove(id);
      const deletedAt = Date.now();
      gate.open();
      await until(() => stage.at('/kept').length === events, 'the backlog of the other endpoint');
      const keptUntil = stage.at('/kept').at(-1)?.at ?? 0;
      assert.ok(keptUntil > deletedAt + 1000, `the backlog ended ${keptUntil - deletedAt} ms after the delete`);
      assert.deepEqual(
        stage.at('/deleted').filter((request) => request.at > deletedAt + 1000),
        [],
      );
      const left = new Set((await stage.deliveriesTo(id)).map((delivery) => delivery.status));
      assert.deepEqual([...left], ['cancelled']);
      stage.receiver.answer = TAKE;
      await stage.remove(kept);
    });

    for (const kind of ['hook', 'endpoint'] as const)
      it(`ends with 410 Gone: ${kind === 'hook' ? 'a hook is removed' : 'an endpoint is disabled'}, and what waits is cancelled`, async () => {
        const gate = shutGate((_, response) => response.writeHead(410).end());
        stage.receiver.answer = gate.answer;
        const path = `/gone-${kind}`;
        const id = await stage.create(path, kind === 'hook' ? { kind } : {});
        const events = await Promise.all(Array.from({ length: 30 }, () => stage.publish('team.created')));
        await until(() => gate.held() === 10, 'as many attempts as a lane may have open');
        gate.open();
        const statuses = async () => (await stage.deliveriesTo(id)).map((delivery) => delivery.status);
        await until(
          async () => (await statuses()).every((one) => one === 'dead' || one === 'cancelled'),
          'the end of all',
        );
        assert.equal((await statuses()).length, events.length);
        assert.ok((await statuses()).includes('cancelled'));
        const read = await stage.api.call('GET', `/v1/webhook-endpoints/${id}`);
        if (kind === 'hook') assert.equal(read.status, 404);
        else {
          assert.deepEqual([read.json.data.state, read.json.data.is_active], ['disabled', false]);
          assert.match(read.json.data.disabled_reason, /410/);
        }
        stage.receiver.answer = TAKE;
        // It gets nothing more; a disabled endpoint's events are held until its owner takes it up again.
        const next = await stage.publish('team.created');
        assert.equal(next.deliveries, kind === 'hook' ? 0 : 1);
        assert.equal(stage.at(path).length, 10);
        if (kind === 'endpoint') {
          await stage.deliveryIn('held', id, next.id);
          await stage.patch(id, { state: 'active' });
          await stage.deliveryIn('delivered', id, next.id);
          assert.equal(stage.at(path).length, 11, 'what was cancelled stays so');
        }
        if (kind !== 'hook') await stage.remove(id);
      });

    it('has a new beginning under the same Idempotency-Key after its delete', async () => {
      const headers = { 'Idempotency-Key': 'n8n-17-MemberPass Trigger-create' };
      const body = { url: `${stage.receiver.url}/workflow`, events: ['team.created'] };
      for (let round = 1; round <= 3; round += 1) {
        const made = await stage.api.call('POST', '/v1/webhook-subscriptions', { headers, body });
        assert.equal(made.headers.get('idempotency-replayed'), null);
        assert.equal((await stage.publish('team.created')).deliveries, 1);
        await until(() => stage.at('/workflow').length === round, `the event of round ${round}`);
        const path = `/v1/webhook-subscriptions/${made.json.data.id}`;
        assert.equal((await stage.api.call('DELETE', path, { headers })).status, 204);
      }
      assert.equal((await stage.publish('team.created')).deliveries, 0);
    });
  });
