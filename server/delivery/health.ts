import type { EndpointHealth } from '../model.ts';
import { CAP_IN_FLIGHT, type Lane } from './lane.ts';
import type { Outcome, SendResult } from './outcome.ts';

/** A success after a success is written at most this often. */
const SUCCESS_WRITTEN_EVERY_MS = 1000;

/**
 * Notes in the lane what an attempt says of its endpoint's health: after a time-out one attempt at a time until a success.
 * Answers with the health to write, or undefined when what is on disk will do.
 */
export function noteHealth(
  lane: Lane,
  outcome: Outcome,
  result: SendResult,
  startedAt: number,
  now: number,
): EndpointHealth | undefined {
  const { health } = lane;
  if (outcome.status === 'delivered') {
    const wasFailing = health.consecutive_failures > 0;
    lane.cap = CAP_IN_FLIGHT;
    health.consecutive_failures = 0;
    health.failing_since = null;
    health.last_success_at = now;
    if (!wasFailing && now - lane.healthWrittenAt < SUCCESS_WRITTEN_EVERY_MS) return undefined;
  } else {
    if (result.timedOut) lane.cap = 1;
    health.consecutive_failures += 1;
    health.failing_since ??= startedAt;
  }
  lane.healthWrittenAt = now;
  return { ...health };
}
