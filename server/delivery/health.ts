import type { SendResult } from '../egress/send-result.ts';
import type { EndpointHealth, LaneHealth } from '../model.ts';
import type { Lane } from './lane.ts';
import type { Outcome } from './outcome.ts';
import type { DisableRule } from './retry.ts';

/** A success after a success is written at most this often. */
const SUCCESS_WRITTEN_EVERY_MS = 1000;

/** An attempt that has ended. */
export interface EndedAttempt {
  outcome: Outcome;
  result: SendResult;
  startedAt: number;
  endedAt: number;
}

/**
 * Notes in the lane what an attempt says of its receiver, the lane's back-off included.
 * Answers with the health to write, or undefined when what is on disk will do.
 * @param random a number in [0, 1)
 */
export function noteHealth(
  lane: Lane,
  { outcome, result, startedAt, endedAt }: EndedAttempt,
  random: number,
): LaneHealth | undefined {
  const { health } = lane;
  if (outcome.status === 'delivered') {
    const wasFailing = health.consecutive_failures > 0;
    lane.backOff.succeed();
    health.consecutive_failures = 0;
    health.failing_since = null;
    health.last_success_at = endedAt;
    if (!wasFailing && endedAt - lane.healthWrittenAt < SUCCESS_WRITTEN_EVERY_MS) return undefined;
  } else {
    lane.backOff.fail(result, startedAt, endedAt, random);
    health.consecutive_failures += 1;
    health.failing_since ??= startedAt;
  }
  lane.healthWrittenAt = endedAt;
  return lane.healthState;
}

/** Whether attempts have failed so often in a row, and for so long, that the endpoint is to be disabled. */
export function hasFailedTooOften(health: EndpointHealth, rule: DisableRule, now: number): boolean {
  const { consecutive_failures: failures, failing_since: since } = health;
  return failures >= rule.failures && since !== null && now - since >= rule.forMs;
}
