import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { outcomeOf } from '../../server/delivery/outcome.ts';
import { parseRetryAfter, retryPolicies, waitAfter } from '../../server/delivery/retry.ts';
import type { SendResult } from '../../server/egress/send-result.ts';

/** Node fires timers that are longer than this at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const SEED = 20_260_501;

const policy = fc.constantFrom(...retryPolicies.values());
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const now = fc.integer({ min: 0, max: Date.parse('2100-01-01') });
const header = fc.oneof(
  fc.string(),
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
  fc.double().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('', ' 5 ', '0', '-1', '1e12', 'Infinity', 'NaN', 'Fri, 31 Dec 9999 23:59:59 GMT', '9'.repeat(400)),
);

describe('the wait after a failed attempt', () => {
  const check = <Values extends [unknown, ...unknown[]]>(property: fc.IPropertyWithHooks<Values>) =>
    fc.assert(property, { seed: SEED, numRuns: 500 });

  it('is within the jitter of its step, and the attempts end where the policy does', () =>
    check(
      fc.property(policy, fc.integer({ min: 1, max: 30 }), random, (one, attempt, at) => {
        const wait = waitAfter(one, attempt, null, at);
        const step = one.waits[attempt - 1];
        if (step === undefined) return assert.equal(wait, null);
        assert.ok(wait !== null && wait >= step * (1 - one.jitter) - 1 && wait <= step * (1 + one.jitter) + 1);
      }),
    ));

  it('is between a step and twice the step, whatever a Retry-After says, and no timer fires at once', () =>
    check(
      fc.property(policy, fc.nat(20), header, now, random, (one, nth, text, at, drawn) => {
        const attempt = 1 + (nth % one.waits.length);
        const step = one.waits[attempt - 1] ?? 0;
        const asked = parseRetryAfter(text, at);
        assert.ok(asked === null || asked >= 0);
        const result: SendResult = {
          status: 503,
          error: null,
          timedOut: false,
          durationMs: 1,
          replyHeaders: '{}',
          retryAfter: text,
          replyBody: null,
        };
        const outcome = outcomeOf(result, attempt, one, at, drawn);
        assert.ok(outcome.status === 'failed');
        assert.ok(outcome.waitMs >= step * (1 - one.jitter) - 1 && outcome.waitMs <= 2 * step, `${outcome.waitMs}`);
        assert.ok(Number.isSafeInteger(outcome.waitMs) && outcome.waitMs <= LONGEST_TIMER_MS);
      }),
    ));
});
