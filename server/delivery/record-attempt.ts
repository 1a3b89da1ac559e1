import { dialectOf } from '../catalog/dialect-form.ts';
import type { SendResult } from '../egress/send-result.ts';
import type { AttemptRecord } from '../observe/attempt-record.ts';
import type { DueDelivery, EndpointSettings } from '../storage/due.ts';
import type { Outcome } from './outcome.ts';

/** An attempt that has ended, and what followed from it. */
interface Ended {
  delivery: DueDelivery;
  endpoint: EndpointSettings;
  result: SendResult;
  outcome: Outcome;
  startedAt: number;
  endedAt: number;
}

/** What is reported of an attempt. */
export function recordAttempt(
  { teamId, endpointId }: { teamId: string; endpointId: string },
  { delivery, endpoint, result, outcome, startedAt, endedAt }: Ended,
): AttemptRecord {
  return {
    teamId,
    endpointId,
    eventId: delivery.event_id,
    eventType: delivery.type,
    deliveryId: delivery.id,
    dialect: dialectOf(delivery.dialect),
    url: endpoint.url,
    attemptNumber: delivery.attempt_count + 1,
    outcome: outcome.status,
    status: result.status,
    error: result.error,
    timedOut: result.timedOut,
    durationMs: result.durationMs,
    startedAt,
    endedAt,
    dueAt: delivery.due_at,
    acceptedAt: delivery.accepted_at,
    nextAttemptAt: outcome.status === 'failed' ? endedAt + outcome.waitMs : null,
    traceparent: delivery.traceparent,
  };
}
