import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { shutGate } from '../support/gate.ts';
import { type OwnEvent, publishMany } from '../support/publish-many.ts';
import { until } from '../support/until.ts';
import { type Pair, startPair } from './pair.ts';

const sample = loadCatalog('events.json').types.get('team.created')?.samples[0];
assert.ok(sample);
const { type, data } = sample;

const eventsNamed = (prefix: string, count: number): OwnEvent[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}-${index}`, type, data }));

describe('two processes on one PostgreSQL', () => {
  let pair: Pair;
  before(async () => {
    pair = await startPair();
  });
  after(() => pair[Symbol.asyncDispose]());

  it('deliver an event that one accepts to an endpoint that the other has just created', async () => {
    const { a, b, at, create, remove, receiver } = pair;
    for (let round = 0; round < 20; round += 1) {
      const [from, to] = round % 2 === 0 ? [a, b] : [b, a];
      const path = `/new-${round}`;
      const endpoint = await create(from, path);
      const published = await to.call('POST', '/v1/webhook-events', { body: { id: `new-${round}`, type, data } });
      assert.equal(published.json.deliveries, 1);
      await until(() => at(path).length === 1, 'the event at the new endpoint');
      await remove(to, endpoint);
    }
    assert.equal(receiver.received.length, 20);
  });

  it('share five thousand deliveries over twenty endpoints, and send none of them twice', async () => {
    const { a, b, receiver, createShared, remove, settled } = pair;
    const endpoints = await createShared(20, '/shared');
    const publishing = [publishMany(a.url, eventsNamed('a', 125)), publishMany(b.url, eventsNamed('b', 125))];
    await Promise.all(publishing.map((one) => one.done));
    assert.deepEqual(
      publishing.map((one) => one.answered.size),
      [125, 125],
    );
    // Once every delivery is settled nothing is left that could still be sent.
    await settled();
    const seen = new Set(receiver.received.map((request) => `${request.path} ${request.json.id}`));
    assert.equal(seen.size, 5000);
    assert.equal(receiver.received.length, 5000);
    await Promise.all(endpoints.map((id) => remove(b, id)));
  });

  it('start no attempt later than a second after the other process acknowledged the delete of its endpoint', async () => {
    const { a, b, workerOfA, receiver, at, create, ownerOf, remove, settled } = pair;
    const kept = await create(a, '/kept');
    const endpoint = await create(b, '/deleted');
    // Nothing is answered until the delete is acknowledged; then the backlogs take more than two seconds.
    const gate = shutGate((_, response) => setTimeout(() => response.writeHead(204).end(), 40));
    receiver.answer = gate.answer;
    const publishing = publishMany(a.url, eventsNamed('backlog', 600));
    await publishing.done;
    assert.equal(publishing.answered.size, 600);
    await until(() => gate.held() === 20, 'as many attempts as both lanes may have open');
    await remove((await ownerOf(endpoint)) === workerOfA ? b : a, endpoint);
    const deletedAt = Date.now();
    gate.open();
    // The other endpoint's backlog goes on well past the second, so deliveries were still being made meanwhile.
    await settled();
    const keptUntil = at('/kept').at(-1)?.at ?? 0;
    assert.ok(keptUntil > deletedAt + 1000, `the backlog ended ${keptUntil - deletedAt} ms after the delete`);
    assert.deepEqual(
      at('/deleted').filter((request) => request.at > deletedAt + 1000),
      [],
    );
    const cancelled = await a.call('GET', `/v1/webhook-deliveries?endpoint_id=${endpoint}&status=cancelled`);
    assert.ok(cancelled.json.data.length > 0);
    await remove(b, kept);
  });
});
