import assert from 'node:assert/strict';
import { retryPolicies, waitAfter } from '../../../server/delivery/retry.ts';
import { until } from '../../support/until.ts';
import { type Delivery, listDeliveries } from '../deliveries.ts';
import { movableClock } from '../movable-clock.ts';
import { BOTH, type Scenario } from '../scenario.ts';

const policy = retryPolicies.get('standard');
/** The result is written down, and its wait begins, a little after the attempt is over. */
const SLACK_MS = 1000;
/** Waits up to this are really waited for; over longer ones the clock is moved. */
const PATIENCE_MS = 8000;
const RECEIVERS = ['/flap-500/a', '/flap-reset/b', '/flap-hang/c', '/flap-mixed/d'];

/** Receivers that fail half of the attempts, in every way there is. */
export const flapping: Scenario = {
  number: 6,
  fault: 'receivers flap: 500, reset, time-out, half of the time',
  passes: "all delivered, waits within the policy's jitter",
  stores: BOTH,
  async play({ stage, scale }) {
    const clock = movableClock(stage.folder);
    const program = await stage.start(clock.cast);
    for (const path of RECEIVERS) await stage.watch(program, path, { retry_policy: 'standard', timeout_ms: 1000 });
    const publishing = await stage.publish([program.url], { count: scale === 'full' ? 30 : 10 });
    await publishing.done;
    let waits = 0;
    for (;;) {
      const failed = await restOf();
      if (failed.length === 0) break;
      for (const delivery of failed) checkWait(delivery);
      waits += failed.length;
      await clock.move(program, Math.max(...failed.map(dueAt)) - clock.now());
    }
    const { repeated, again } = await stage.verdict(program);
    assert.equal(repeated, 0, 'what was taken came again');
    assert.ok(again > 0, 'nothing failed');
    const gaps = checkGaps();
    const all = await listDeliveries(program.call, 'status=delivered');
    return `${all.length} deliveries, ${again} retries, all delivered; ${waits + gaps} waits within the jitter`;

    /** Waits until nothing is under way; what has failed then, and is due in a while. */
    async function restOf(): Promise<Delivery[]> {
      let failed: Delivery[] = [];
      const isResting = async (): Promise<boolean> => {
        const { json } = await program.call('GET', '/v1/webhook-deliveries?status=pending&limit=1');
        failed = await listDeliveries(program.call, 'status=failed');
        return json.data.length === 0 && failed.every((delivery) => dueAt(delivery) - clock.now() > PATIENCE_MS);
      };
      await until(isResting, 'the attempts that are due soon', 90_000);
      return failed;
    }

    /** The first wait is a real one: how long it was as the receiver saw it. */
    function checkGaps(): number {
      const second = new Map(
        stage.receipts().flatMap((one) => (one.attempt === 2 ? [[`${one.path} ${one.id}`, one.at] as const] : [])),
      );
      let checked = 0;
      for (const { path, id, attempt, closed, at } of stage.receipts()) {
        const next = second.get(`${path} ${id}`);
        if (attempt !== 1 || next === undefined) continue;
        const least = boundsOf(1)[0];
        assert.ok(next - at >= least - 50, `${id} came again to ${path} after ${next - (closed?.at ?? at)} ms`);
        checked += 1;
      }
      return checked;
    }
  },
};

function dueAt(delivery: Delivery): number {
  return Date.parse(delivery.next_attempt_at ?? '');
}

function boundsOf(attempt: number): [number, number] {
  assert.ok(policy);
  return [waitAfter(policy, attempt, null, 0) ?? 0, waitAfter(policy, attempt, null, 1) ?? 0];
}

function checkWait(delivery: Delivery): void {
  const { last_attempt: last, attempt_count: count, event_id: id } = delivery;
  assert.ok(last);
  const wait = dueAt(delivery) - (Date.parse(last.started_at) + last.duration_ms);
  const [least, most] = boundsOf(count);
  assert.ok(wait >= least && wait <= most + SLACK_MS, `${id} waits ${wait} ms, not ${least} to ${most}`);
}
