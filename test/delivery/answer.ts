import type { SendResult } from '../../server/egress/send-result.ts';

/** How a receiver takes an attempt. */
export type Answer = 'takes' | 'fails' | 'resets' | 'times out' | 'is overloaded' | 'is gone';

/** What an attempt comes to when the receiver answers so. */
export function resultOf(answer: Answer): SendResult {
  const result: SendResult = {
    status: null,
    error: null,
    timedOut: false,
    durationMs: 1,
    replyHeaders: '{}',
    retryAfter: null,
    replyBody: null,
  };
  switch (answer) {
    case 'takes':
      return { ...result, status: 204 };
    case 'fails':
      return { ...result, status: 500 };
    case 'is overloaded':
      return { ...result, status: 503, retryAfter: '2' };
    case 'is gone':
      return { ...result, status: 410 };
    case 'resets':
      return { ...result, error: 'connection reset' };
    case 'times out':
      return { ...result, error: 'timed out', timedOut: true };
  }
}
