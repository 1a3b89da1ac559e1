import type { SendResult } from '../egress/send-result.ts';
import { parseRetryAfter, type RetryPolicy, waitAfter } from './retry.ts';

/** What follows from an attempt. `gone`: the receiver answered 410 and wants no more. */
export type Outcome =
  | { status: 'delivered' }
  | { status: 'failed'; waitMs: number }
  | { status: 'dead'; gone: boolean };

/** Decides what follows from a result: 2xx is success, 410 means stop, anything else is tried again while the policy lasts. */
export function outcomeOf(
  result: SendResult,
  attemptNumber: number,
  policy: RetryPolicy,
  now: number,
  random: number,
): Outcome {
  if (result.error === null && result.status !== null && result.status >= 200 && result.status < 300)
    return { status: 'delivered' };
  if (result.status === 410) return { status: 'dead', gone: true };
  const waitMs = waitAfter(policy, attemptNumber, parseRetryAfter(result.retryAfter, now), random);
  return waitMs === null ? { status: 'dead', gone: false } : { status: 'failed', waitMs };
}
