import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inTurns } from '../../server/egress/in-turns.ts';

/** Work that comes all at once; answers how much of it is done after each of the times at which some is done. */
async function timesOf(count: number, later = 0): Promise<number[]> {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const done: number[] = [];
    const add = (n: number): void => inTurns(() => done.push(n));
    for (let n = 0; n < count; n += 1) add(n);
    await turn();
    const times = [done.length];
    // What comes later waits behind what is there.
    for (let n = count; n < count + later; n += 1) add(n);
    while (done.length < count + later) {
      mock.timers.tick(8);
      assert.ok(done.length > (times.at(-1) ?? 0), `nothing was done at ${times.length}, with ${done.length} done`);
      times.push(done.length);
    }
    assert.deepEqual(
      done,
      Array.from({ length: count + later }, (_, n) => n),
    );
    return times;
  } finally {
    mock.timers.reset();
  }
}

it('work that comes all at once is done in its order, a few at a time', async () => {
  const times = await timesOf(100, 1);
  assert.ok((times[0] ?? 0) < 50, `${times[0]} of 100 were done in one turn`);
  assert.ok(times.length > 10, `101 were done in ${times.length} times`);
});

it('however much it is, it does not take long: a time-out is at most half a second late', async () => {
  assert.ok((await timesOf(20_000)).length <= 50);
});

it('what comes alone is done at once', async () => {
  assert.deepEqual(await timesOf(1), [1]);
});
