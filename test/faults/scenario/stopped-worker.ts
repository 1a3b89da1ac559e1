import assert from 'node:assert/strict';
import { LEASE_MS } from '../../../server/delivery/worker.ts';
import { until } from '../../support/until.ts';
import { listDeliveries, readDelivery } from '../deliveries.ts';
import type { Scenario } from '../scenario.ts';

const LANES = 6;
/** As many as a lane may have open, so that every delivery is in flight when the worker stops. */
const EVENTS = 10;
/** The look-out, the reaper and a busy machine. */
const TAKEOVER_MS = LEASE_MS + 5000;

/** A worker stands still in the midst of its attempts, loses its lease, and goes on as if nothing had been. */
export const stoppedWorker: Scenario = {
  number: 5,
  fault: 'a worker stopped (SIGSTOP) past its lease, then continued',
  passes: 'its late result is refused (fence)',
  stores: ['PostgreSQL'],
  async play({ stage }) {
    const first = await stage.start({ env: { LOG_LEVEL: 'warn' } });
    for (let lane = 0; lane < LANES; lane += 1) await stage.watch(first, `/late-2000/${lane}`, { timeout_ms: 30_000 });
    await (await stage.publish([first.url], { count: EVENTS })).done;
    await stage.received(LANES * EVENTS);
    first.signal('SIGSTOP');
    const stoppedAt = Date.now();
    const second = await stage.start();
    await stage.received(2 * LANES * EVENTS, TAKEOVER_MS);
    const tookMs = Date.now() - stoppedAt;
    // The first requests have been answered with 500, which the stopped one reads now, while the second's are open.
    first.signal('SIGCONT');
    await until(() => first.said().includes('ran out before it could be renewed'), 'the first one to see its loss');
    await stage.settle(second);
    const deliveries = await listDeliveries(second.call, '');
    assert.equal(deliveries.length, LANES * EVENTS);
    for (const { id } of deliveries) {
      const { status, attempts } = await readDelivery(second.call, id);
      assert.deepEqual([status, attempts.map((one) => [one.number, one.status])], ['delivered', [[1, 204]]]);
    }
    // It is of use again.
    await (await stage.publish([first.url], { prefix: 'after', count: 1 })).done;
    await stage.received(2 * LANES * EVENTS + LANES);
    for (const endpoint of stage.endpoints) await stage.unwatch(second, endpoint);
    await stage.settle(second);
    const { again } = await stage.verdict(second);
    assert.equal(again, LANES * EVENTS);
    return `${deliveries.length} attempts taken over after ${tookMs} ms, ${again} late results refused`;
  },
};
