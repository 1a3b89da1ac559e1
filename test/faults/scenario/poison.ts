import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import { listDeliveries, readDelivery } from '../deliveries.ts';
import { BOTH, type Scenario } from '../scenario.ts';
import { EVENT } from '../stage.ts';

/** An event of which a dialect cannot make a body. */
export const poison: Scenario = {
  number: 13,
  fault: 'a poison event (body shaping throws)',
  passes: 'dead with its reason; others flow',
  stores: BOTH,
  async play({ stage, scale }) {
    const program = await stage.start({ preload: ['test/faults/preload/poison.ts'] });
    await stage.watch(program, '/ok/standard', { dialect: 'standard' });
    const vendor = await stage.watch(program, '/ok/vendor', { dialect: 'memberpass' });
    const { team } = EVENT.data as { team: object };
    const poisoned = { ...EVENT, data: { team: { ...team, name: 'poison' } } };
    const count = scale === 'full' ? 1000 : 100;
    const publishing = await Promise.all([
      stage.publish([program.url], { prefix: 'sound', count }),
      stage.publish([program.url], { prefix: 'poison', count: count / 10, event: poisoned, connections: 4 }),
    ]);
    await Promise.all(publishing.map((one) => one.done));
    await stage.settle(program);
    const { answered } = await stage.verdict(program);
    assert.equal(answered, count + count / 10, 'events that were answered with 202');

    const dead = await listDeliveries(program.call, 'status=dead');
    assert.equal(dead.length, count / 10);
    for (const { endpoint_id, event_id } of dead) {
      assert.equal(endpoint_id, vendor.id);
      assert.match(event_id, /^poison-/);
    }
    const { attempts, settled_at: settledAt, last_attempt: last } = await readDelivery(program.call, dead[0]?.id ?? '');
    assert.match(attempts[0]?.error ?? '', /this event is poison to the dialect/);
    assert.equal(last?.error, attempts[0]?.error);
    assert.notEqual(settledAt, null);

    // A retry has no body either, and must not send another one in its place.
    const again = await program.call('POST', `/v1/webhook-deliveries/${dead[0]?.id}/retry`);
    assert.equal(again.status, 202, again.text);
    const retried = async () => (await readDelivery(program.call, again.json.data.id)).last_attempt;
    await until(async () => (await retried()) !== null, 'the retry');
    assert.match((await retried())?.error ?? '', /body could not be made in the dialect "memberpass"/);
    const received = Map.groupBy(stage.receipts(), (receipt) => receipt.path);
    assert.equal(received.get('/ok/standard')?.length, count + count / 10);
    assert.equal(received.get('/ok/vendor')?.length, count);
    return `${dead.length} poison deliveries dead with their reason, ${stage.receipts().length} others delivered`;
  },
};
