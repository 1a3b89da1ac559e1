import assert from 'node:assert/strict';
import { LEASE_MS } from '../../../server/delivery/worker.ts';
import { movableClock } from '../movable-clock.ts';
import { BOTH, type Scenario } from '../scenario.ts';
import { sampleOf } from '../stage.ts';
import { IN_FLIGHT } from './kill-sqlite.ts';

const HOURS_MS = 2 * 3600 * 1000;
/** Ahead, back, behind, back. */
const MOVES = [HOURS_MS, -HOURS_MS, -HOURS_MS, HOURS_MS];
const MOST_WAIT_MS = LEASE_MS + 5000;
const FAILING = 20;

/** The clock of the machine is set, either way, while events flow and retries wait. */
export const movedClock: Scenario = {
  number: 8,
  fault: 'clock moved by 2 hours, either way',
  passes: 'no storm, no stall',
  stores: BOTH,
  async play({ stage, scale }) {
    const moves = scale === 'full' ? MOVES : MOVES.slice(0, 2);
    const clock = movableClock(stage.folder);
    const program = await stage.start(clock.cast);
    for (const path of ['/ok/a', '/delay-50/b']) await stage.watch(program, path, { events: ['team.created'] });
    const failing = await stage.watch(program, '/fail-500/c', { events: ['plan.created'] });
    await (await stage.publish([program.url], { count: FAILING, event: sampleOf('plan.created') })).done;
    const publishing = await stage.publish([program.url], { perSecond: 100 });
    for (const move of moves) {
      await stage.received(stage.receipts().length + 500, 2 * MOST_WAIT_MS);
      await clock.move(program, move);
    }
    await stage.received(stage.receipts().length + 500, 2 * MOST_WAIT_MS);
    publishing.stop();
    await publishing.done;
    const stoppedAt = Date.now();
    const sound = stage.endpoints.filter((endpoint) => endpoint !== failing);
    const longest = await longestWait(stoppedAt);
    await stage.unwatch(program, failing);
    await stage.settle(program);
    const { answered, again } = await stage.verdict(program);
    // Each move may end the lease under attempts, and makes each waiting retry due at most once.
    const retries = stage.receipts().filter((receipt) => receipt.path === failing.path).length;
    assert.ok(again - retries <= moves.length * IN_FLIGHT, `${again} repeats after ${moves.length} moves`);
    assert.ok(retries <= FAILING * (2 + moves.length), `${retries} attempts at a failing endpoint`);
    return `${moves.length} moves, ${answered} events, the longest wait ${longest} ms, ${again} requests again`;

    /** From the answer to a publish to the receipt, in the machine's time. */
    async function longestWait(since: number): Promise<number> {
      const answers = stage
        .client()
        .flatMap((one) => (one.entry === 'replied' && one.status === 202 && one.id.startsWith('event-2') ? [one] : []));
      const wanted = answers.flatMap(({ id }) => sound.map(({ path }) => `${path} ${id}`));
      const arrivals = (): Map<string, number> =>
        new Map(
          stage
            .receipts()
            .reverse()
            .map((receipt) => [`${receipt.path} ${receipt.id}`, receipt.at]),
        );
      let arrived = arrivals();
      while (wanted.some((one) => !arrived.has(one)) && Date.now() < since + MOST_WAIT_MS) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        arrived = arrivals();
      }
      const missing = wanted.filter((one) => !arrived.has(one));
      assert.deepEqual(missing.slice(0, 5), [], `${missing.length} deliveries stall`);
      const waits = answers.flatMap(({ id, at }) => sound.map(({ path }) => (arrived.get(`${path} ${id}`) ?? 0) - at));
      const most = Math.max(...waits);
      assert.ok(most <= MOST_WAIT_MS, `a delivery waited ${most} ms`);
      return most;
    }
  },
};
