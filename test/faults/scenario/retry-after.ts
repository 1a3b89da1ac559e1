import assert from 'node:assert/strict';
import { retryPolicies } from '../../../server/delivery/retry.ts';
import { until } from '../../support/until.ts';
import { listDeliveries } from '../deliveries.ts';
import { movableClock } from '../movable-clock.ts';
import { BOTH, type Scenario } from '../scenario.ts';

const VALUES = [
  '0',
  '-1',
  '1000000000000',
  '1e12',
  '99999999999999999999',
  'Fri, 31 Dec 9999 23:59:59 GMT',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  'soon',
  '',
];
const STATUSES = [500, 503];
const LONGEST_BACK_OFF_MS = 5 * 60_000 * 1.2;
const STEP_MS = retryPolicies.get('standard')?.waits[0] ?? 0;
const LEAST_MS = 0.8 * STEP_MS;
const MOST_MS = 2 * STEP_MS;
const SLACK_MS = 1000;

/** Receivers that ask to be left alone for no time, for ever, or in words. */
export const retryAfter: Scenario = {
  number: 11,
  fault: '`Retry-After` 0, -1, 1e12, a date in 9999, junk',
  passes: 'clamped between the step and twice the step; no timer beyond 2^31 ms',
  stores: BOTH,
  async play({ stage, scale }) {
    const clock = movableClock(stage.folder);
    const program = await stage.start({ ...clock.cast, env: { ...clock.cast.env, LOG_LEVEL: 'warn' } });
    const asked = STATUSES.flatMap((status) => VALUES.map((value) => ({ status, value })));
    for (const [index, { status, value }] of asked.entries())
      await stage.watch(program, `/wait-${status}.${Buffer.from(value).toString('base64url')}/${index}`, {
        retry_policy: 'standard',
      });
    const publish = async () => (await stage.publish([program.url], { count: 1 })).done;
    const [waits] = await Promise.all([readWaits(), publish()]);
    for (const [index, { status, value }] of asked.entries()) {
      const wait = waits[index] ?? Number.NaN;
      assert.ok(wait >= LEAST_MS && wait <= MOST_MS + SLACK_MS, `${status} "${value}" makes it wait ${wait} ms`);
    }
    if (scale === 'full') {
      const again = () => stage.receipts().filter(({ path, attempt }) => path.startsWith('/wait-500') && attempt > 1);
      await until(() => again().length === VALUES.length, 'the second attempts', MOST_MS + 10_000);
      // After a 503 the whole lane may hold its breath as long as it was asked to, but not for longer than this.
      await clock.move(program, LONGEST_BACK_OFF_MS);
      await stage.settle(program);
      const receipts = stage.receipts();
      // A timer that is too long fires at once, and again, and again.
      assert.equal(receipts.length, 2 * asked.length, 'each came twice');
      await stage.verdict(program);
    } else for (const endpoint of stage.endpoints) await stage.unwatch(program, endpoint);
    for (const [path, [first, second, third]] of Map.groupBy(stage.receipts(), (receipt) => receipt.path)) {
      assert.ok(first && (second?.at ?? Infinity) - first.at >= LEAST_MS - 50, `${path} was asked again too early`);
      assert.equal(third, undefined, `${path} was asked more than twice`);
    }
    assert.doesNotMatch(program.said(), /TimeoutOverflowWarning/);
    return `${VALUES.length} values with 500 and 503, waits of ${Math.min(...waits)} to ${Math.max(...waits)} ms`;

    /**
     * Each is read before the second attempt, which is taken: after it there is no wait to read, and none would ever come. All in one
     * request: one for each endpoint, again and again, kept a busy machine from answering any in time.
     */
    async function readWaits(): Promise<number[]> {
      const waits = new Map<string, number>();
      while (waits.size < asked.length)
        for (const { endpoint_id: id, status, last_attempt: last, next_attempt_at: next } of await listDeliveries(
          program.call,
          '',
        )) {
          if (waits.has(id)) continue;
          assert.notEqual(status, 'delivered', 'the second attempt came before the wait for it could be read');
          if (status !== 'failed' || last === null) continue;
          waits.set(id, Date.parse(next ?? '') - (Date.parse(last.started_at) + last.duration_ms));
        }
      return stage.endpoints.map(({ id }) => waits.get(id) ?? Number.NaN);
    }
  },
};
