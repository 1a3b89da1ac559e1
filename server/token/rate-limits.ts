import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Caller } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Database } from '../storage/database.ts';

/** What requests are counted as, each by itself. */
export type Counted = 'management' | 'publish' | 'test';

/** How many requests a token may make; 0 for any number. */
export interface RateLimitSettings {
  managementPerMinute: number;
  managementPerHour: number;
  publishPerMinute: number;
  /** Test events, which are sent by hand. */
  testsPerMinute: number;
}

/** Counts requests. */
export interface RateLimits {
  /**
   * Counts one request of a token; the operator's are not counted.
   * @returns the headers that tell how much is left.
   * @throws Problem 429 `rate_limited`, with the same headers and `Retry-After`.
   */
  take(caller: Caller, counted: Counted): Promise<Record<string, string>>;
}

/** A process takes this many publishes at once from what all share, so that most of them ask nobody. */
const LOT = 50;
const NOTHING: Record<string, string> = {};

interface Policy {
  name: string;
  quota: number;
  /** Seconds. */
  window: number;
  limiter: RateLimiterAbstract;
}

/** On PostgreSQL all instances count together; while it does not answer, each counts by itself. */
export function createRateLimits(db: Database, settings: RateLimitSettings): RateLimits {
  const policy = (name: string, kind: string, quota: number, window: number): Policy[] => {
    if (quota === 0) return [];
    const options = { keyPrefix: `${kind} ${name}`, points: quota, duration: window };
    const local = new RateLimiterMemory(options);
    if (db.engine === 'sqlite') return [{ name, quota, window, limiter: local }];
    const shared = new RateLimiterPostgres({
      ...options,
      storeClient: { query: askFor(db) },
      storeType: 'client',
      tableName: 'rate_limit',
      tableCreated: true,
      insuranceLimiter: local,
      inMemoryBlockOnConsumed: quota,
    });
    return [{ name, quota, window, limiter: shared }];
  };
  const policies: Record<Counted, Policy[]> = {
    management: [
      ...policy('minute', 'management', settings.managementPerMinute, 60),
      ...policy('hour', 'management', settings.managementPerHour, 3600),
    ],
    publish: policy('minute', 'publish', settings.publishPerMinute, 60),
    test: policy('minute', 'test', settings.testsPerMinute, 60),
  };
  const lots = new Map<string, { left: number; until: number; shared: number }>();

  const taking = new Map<string, Promise<void>>();

  /** Takes a publish from the lot that this process has, or from a new lot: one is taken at a time. */
  async function consumeInLots(policy: Policy, key: string): Promise<RateLimiterRes> {
    for (;;) {
      const now = performance.now();
      const lot = lots.get(key);
      if (lot !== undefined && lot.left > 0 && lot.until > now) {
        lot.left -= 1;
        return new RateLimiterRes(lot.shared + lot.left, lot.until - now);
      }
      let lotTaken = taking.get(key);
      if (lotTaken === undefined) {
        lotTaken = takeLot(policy, key).finally(() => taking.delete(key));
        taking.set(key, lotTaken);
      }
      await lotTaken;
    }
  }

  /** @throws RateLimiterRes when not even a part of a lot is left. */
  async function takeLot({ limiter, quota }: Policy, key: string): Promise<void> {
    const size = Math.min(LOT, quota);
    const taken = await limiter.consume(key, size);
    if (lots.size > 10_000) lots.clear();
    lots.set(key, { left: size, until: performance.now() + taken.msBeforeNext, shared: taken.remainingPoints });
  }

  return {
    async take(caller, counted) {
      const counting = policies[counted];
      if (caller.isOperator || counting.length === 0) return NOTHING;
      const inLots = counted === 'publish' && db.engine === 'postgres';
      const results = await Promise.all(
        counting.map(async (one) => {
          try {
            return {
              one,
              isOver: false,
              result: await (inLots ? consumeInLots(one, caller.tokenId) : one.limiter.consume(caller.tokenId)),
            };
          } catch (error) {
            if (!(error instanceof RateLimiterRes)) throw error;
            return { one, isOver: true, result: error };
          }
        }),
      );
      const headers = {
        'RateLimit-Policy': results.map(({ one }) => `"${one.name}";q=${one.quota};w=${one.window}`).join(', '),
        RateLimit: results
          .map(({ one, result }) => `"${one.name}";r=${result.remainingPoints};t=${secondsOf(result)}`)
          .join(', '),
      };
      const over = results
        .filter(({ isOver }) => isOver)
        .map(({ one, result }) => ({ ...one, wait: secondsOf(result) }));
      const longest = over.sort((a, b) => b.wait - a.wait)[0];
      if (longest === undefined) return headers;
      throw new Problem(
        429,
        'rate_limited',
        `This token may make ${longest.quota} ${WHAT[counted]} in ${longest.window} seconds. Try again in ${longest.wait} seconds.`,
        { headers: { ...headers, 'Retry-After': String(longest.wait) } },
      );
    },
  };
}

const WHAT: Record<Counted, string> = {
  management: 'requests',
  publish: 'publishes',
  test: 'test events',
};

function secondsOf({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}

/** The library speaks to PostgreSQL's driver; our statements take its placeholders as they are. */
function askFor(db: Database) {
  return async ({
    text,
    values,
  }: {
    text: string;
    values: (string | number | null)[];
  }): Promise<{ rows: object[] }> => ({
    rows: await db.all(text, values),
  });
}
