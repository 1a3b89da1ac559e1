import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outcomeOf } from '../../server/delivery/outcome.ts';
import { parseRetryAfter, retryPolicies, waitAfter } from '../../server/delivery/retry.ts';
import type { SendResult } from '../../server/egress/send-result.ts';

const NOW = Date.parse('2026-05-01T12:00:00Z');
const SECOND = 1000;
const policy = retryPolicies.get('standard') ?? assert.fail();

/** After attempt 2 the standard policy waits 5 minutes. */
const STEP = 300 * SECOND;

describe('Retry-After', () => {
  for (const [header, wait, why] of [
    ['0', STEP, 'a receiver cannot storm itself'],
    ['299', STEP, 'less than the step is the step'],
    ['300', STEP, 'the step'],
    ['301', 301 * SECOND, 'more than the step is honoured'],
    ['600', 2 * STEP, 'twice the step'],
    ['601', 2 * STEP, 'more than twice is twice'],
    ['1000000000000', 2 * STEP, 'a receiver cannot stop its deliveries'],
    ['999999999999999', 2 * STEP, 'the longest number'],
    ['Fri, 01 May 2026 12:07:00 GMT', 420 * SECOND, 'a date is honoured too'],
    ['Fri, 01 May 2026 11:00:00 GMT', STEP, 'a date that is over'],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 2 * STEP, 'a date in 9999'],
    [' 301 ', 301 * SECOND, 'with spaces around it'],
  ] as const)
    it(`"${header}" waits ${wait / SECOND} s: ${why}`, () => {
      assert.equal(waitAfter(policy, 2, parseRetryAfter(header, NOW), 0), wait);
    });

  for (const header of ['-1', '1.5', '', 'soon', '1e3', '0x10', '99999999999999999999', 'NaN', '12 minutes', '∞', null])
    it(`${header === null ? 'none' : `"${header}"`} says nothing: the policy's own wait, with its jitter`, () => {
      assert.equal(parseRetryAfter(header, NOW), null);
      assert.equal(waitAfter(policy, 2, parseRetryAfter(header, NOW), 0), STEP * 0.8);
      assert.equal(waitAfter(policy, 2, parseRetryAfter(header, NOW), 0.5), STEP);
    });

  it('does not bring a delivery back that has had its last attempt', () => {
    assert.equal(waitAfter(policy, policy.waits.length + 1, 1, 0), null);
  });

  it('of a success, or of 410 Gone, changes nothing', () => {
    const reply = (status: number): SendResult => ({
      status,
      error: null,
      timedOut: false,
      durationMs: 1,
      replyHeaders: '{}',
      retryAfter: '10',
      replyBody: '',
    });
    assert.deepEqual(outcomeOf(reply(200), 1, policy, NOW, 0), { status: 'delivered' });
    assert.deepEqual(outcomeOf(reply(410), 1, policy, NOW, 0), { status: 'dead', gone: true });
    assert.deepEqual(outcomeOf(reply(503), 1, policy, NOW, 0), { status: 'failed', waitMs: 10 * SECOND });
  });
});
