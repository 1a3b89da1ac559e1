import assert from 'node:assert/strict';
import { freePort } from '../../support/postgres-server.ts';
import { BOTH, type Scenario } from '../scenario.ts';

/** A process is told to stop under load, and another one comes in its place, again and again. */
export const terminate: Scenario = {
  number: 14,
  fault: 'SIGTERM under load',
  passes: 'drained, exit code 0; 0 lost, 0 repeated',
  stores: BOTH,
  async play({ stage, scale }) {
    const rounds = scale === 'full' ? 5 : 1;
    const port = await freePort();
    let program = await stage.start({ port });
    await stage.watch(program, '/ok/fast');
    await stage.watch(program, '/delay-50/slow');
    await stage.watch(program, '/gone-100/gone');
    const publishing = await stage.publish([program.url], { perSecond: 300 });
    let slowest = 0;
    for (let round = 0; round < rounds; round += 1) {
      await stage.received(stage.receipts().length + 200);
      const toldAt = Date.now();
      program.signal('SIGTERM');
      const { code, said } = await program.ended;
      assert.equal(code, 0, said);
      slowest = Math.max(slowest, Date.now() - toldAt);
      program = await stage.start({ port });
    }
    publishing.stop();
    await publishing.done;
    await stage.settle(program);
    const { answered, again } = await stage.verdict(program);
    assert.equal(again, 0, 'requests came again');
    return `${rounds} stops of at most ${slowest} ms, ${answered} events answered, 0 lost, 0 repeated`;
  },
};
