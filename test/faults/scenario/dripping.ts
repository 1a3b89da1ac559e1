import assert from 'node:assert/strict';
import { listDeliveries } from '../deliveries.ts';
import { BOTH, type Scenario } from '../scenario.ts';

const WAYS = ['headers', 'body', 'informational', 'nothing'];
const DRIPPING = 50;
const DEADLINE_MS = 1000;
const GRACE_MS = 1000;
const MOST_P95_MS = 2000;

/** Receivers that never come to an end, beside a good one. */
export const dripping: Scenario = {
  number: 7,
  fault: '50 receivers that drip headers, bodies, 1xx or nothing, beside a good one',
  passes: "the good one's p95 < 2 s; every attempt ends within its deadline + 1 s",
  stores: BOTH,
  async play({ stage, scale }) {
    const program = await stage.start();
    const good = await stage.watch(program, '/ok/good');
    for (let index = 0; index < DRIPPING; index += 1)
      await stage.watch(program, `/drip-${WAYS[index % WAYS.length]}/${index}`, { timeout_ms: DEADLINE_MS });
    const publishing = await stage.publish([program.url], { perSecond: 20, count: scale === 'full' ? 200 : 40 });
    await publishing.done;
    const drips = stage.endpoints.filter((endpoint) => endpoint !== good);
    for (const endpoint of drips) await stage.unwatch(program, endpoint);
    await stage.settle(program);

    // What is still open when the last endpoint is gone ends by its deadline too.
    await new Promise((resolve) => setTimeout(resolve, DEADLINE_MS + GRACE_MS));
    const receipts = stage.receipts().filter((receipt) => receipt.path !== good.path);
    const lengths = receipts.map(({ at, closed }) => (closed?.at ?? Number.POSITIVE_INFINITY) - at);
    const longest = Math.max(...lengths);
    assert.ok(longest <= DEADLINE_MS + GRACE_MS, `an attempt was open for ${longest} ms`);
    for (const { last_attempt: last } of await listDeliveries(program.call, `endpoint_id=${drips[0]?.id}`))
      assert.ok(last === null || last.duration_ms <= DEADLINE_MS + GRACE_MS, `an attempt took ${last?.duration_ms} ms`);

    const answeredAt = new Map(
      stage.client().flatMap((one) => (one.entry === 'replied' && one.status === 202 ? [[one.id, one.at]] : [])),
    );
    const waits = stage
      .receipts()
      .filter((receipt) => receipt.path === good.path)
      .map((receipt) => receipt.at - (answeredAt.get(receipt.id) ?? 0))
      .sort((a, b) => a - b);
    const p95 = waits[Math.floor(waits.length * 0.95)] ?? Number.POSITIVE_INFINITY;
    assert.ok(p95 < MOST_P95_MS, `p95 of the good one is ${p95} ms`);
    const { answered } = await stage.verdict(program);
    return `${answered} events, p95 of the good one ${p95} ms, ${receipts.length} dripping attempts of at most ${longest} ms`;
  },
};
