import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inTurns } from '../../server/egress/in-turns.ts';

it('work that comes all at once is done in its order, and the event loop goes round meanwhile', async () => {
  const done: number[] = [];
  for (let n = 0; n < 100; n += 1) inTurns(() => done.push(n));
  await turn();
  const afterOne = done.length;
  assert.ok(afterOne < 50, `${afterOne} of 100 were done in one turn`);
  // What comes later waits behind what is there.
  inTurns(() => done.push(100));
  while (done.length < 101) await turn();
  assert.deepEqual(
    done,
    Array.from({ length: 101 }, (_, n) => n),
  );
});
