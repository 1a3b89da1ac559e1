import assert from 'node:assert/strict';
import { BOTH, type Scenario } from '../scenario.ts';

/** No fault at all: what every other scenario is measured against. */
export const noFault: Scenario = {
  number: 1,
  fault: 'none',
  passes: '0 lost, 0 repeated',
  stores: BOTH,
  async play({ stage, scale }) {
    const count = scale === 'full' ? 5000 : 500;
    const program = await stage.start();
    await stage.watch(program, '/ok/kept');
    await stage.watch(program, '/gone-50/gone');
    const removed = await stage.watch(program, '/delay-5/removed');
    const publishing = await stage.publish([program.url], { count });
    // In the midst of it, so that deliveries of it wait.
    await stage.received(count / 5);
    await stage.unwatch(program, removed);
    await publishing.done;
    await stage.settle(program);
    const { answered, unanswered, repeated, again, receipts } = await stage.verdict(program);
    assert.deepEqual(
      { answered, unanswered, repeated, again },
      { answered: count, unanswered: 0, repeated: 0, again: 0 },
    );
    return `${answered} events, ${receipts} requests, 0 lost, 0 repeated`;
  },
};
