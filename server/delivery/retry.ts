const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long a receiver may fail before its endpoint is disabled. */
export interface DisableRule {
  readonly failures: number;
  readonly forMs: number;
}

/** When failed attempts are repeated: `waits[n]` milliseconds after attempt n + 1, then the delivery is dead. */
export interface RetryPolicy {
  readonly name: string;
  readonly waits: readonly number[];
  /** Each wait is drawn from `wait x (1 ± jitter)`. */
  readonly jitter: number;
  /** An endpoint is disabled when so many attempts in a row failed, the first of them at least `forMs` ago. */
  readonly disableAfter: DisableRule;
}

const AFTER_A_DAY: DisableRule = { failures: 20, forMs: 24 * HOUR };

/** What a server that does not know an endpoint's policy does: nothing is repeated. */
export const NO_RETRY: RetryPolicy = { name: 'none', waits: [], jitter: 0, disableAfter: AFTER_A_DAY };

/** Retry policies by name. The vendors' are theirs to the letter, so they have no jitter. */
export const retryPolicies: ReadonlyMap<string, RetryPolicy> = new Map(
  [
    {
      name: 'standard',
      waits: [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
      jitter: 0.2,
      disableAfter: AFTER_A_DAY,
    },
    {
      name: 'memberpass',
      waits: [10 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR, 72 * HOUR],
      jitter: 0,
      disableAfter: { failures: 20, forMs: 0 },
    },
    {
      name: 'memberstack',
      // As Svix has it, which sends Memberstack's webhooks.
      waits: [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR],
      jitter: 0,
      disableAfter: AFTER_A_DAY,
    },
    { name: 'memberply', waits: [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR], jitter: 0, disableAfter: AFTER_A_DAY },
  ].map((policy) => [policy.name, policy]),
);

/**
 * Milliseconds to wait after failed attempt `attemptNumber` (from 1), or null when it was the last.
 * A `Retry-After` of the receiver is honoured between the step and twice the step, so that it can neither stop nor storm us.
 * @param random a number in [0, 1)
 */
export function waitAfter(
  policy: RetryPolicy,
  attemptNumber: number,
  retryAfterMs: number | null,
  random: number,
): number | null {
  const step = policy.waits[attemptNumber - 1];
  if (step === undefined) return null;
  if (retryAfterMs !== null) return Math.min(Math.max(retryAfterMs, step), 2 * step);
  return Math.round(step * (1 + policy.jitter * (2 * random - 1)));
}

/** `Retry-After` in milliseconds from now (RFC 9110 10.2.3: seconds or an HTTP date), or null when it says nothing usable. */
export function parseRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,15}$/.test(header.trim())) return Number(header) * SECOND;
  const date = Date.parse(header);
  // A bare number that is no count of seconds ("-1", "1.5") would be read as a year by Date.parse.
  return Number.isNaN(date) || !/[a-z]/i.test(header) ? null : Math.max(date - now, 0);
}
