import { dialectOf } from '../catalog/dialect-form.ts';
import type { AttemptRow } from '../model.ts';
import type { DeliveryView } from '../storage/deliveries-read.ts';
import type { components } from './generated/openapi.ts';
import { isoTime, isoTimeOrNull } from './iso-time.ts';

/** A delivery as the API shows it. */
export function showDelivery(row: DeliveryView): components['schemas']['Delivery'] {
  const isScheduled = row.status === 'pending' || row.status === 'failed';
  return {
    id: row.id,
    event_id: row.event_id,
    event_type: row.type,
    endpoint_id: row.endpoint_id,
    dialect: dialectOf(row.dialect),
    status: row.status,
    attempt_count: row.attempt_count,
    next_attempt_at: isScheduled ? isoTime(row.retry_at ?? row.due_at) : null,
    last_attempt:
      row.last_number === null || row.last_started_at === null
        ? null
        : {
            number: row.last_number,
            started_at: isoTime(row.last_started_at),
            duration_ms: row.last_duration_ms ?? 0,
            status: row.last_status,
            error: row.last_error,
          },
    replay_of: row.replay_of,
    replay_id: row.replay_id,
    is_test: row.is_test === 1,
    created_at: isoTime(row.created_at),
    settled_at: isoTimeOrNull(row.settled_at),
  };
}

/**
 * An attempt as the API shows it, with what the receiver replied: it may repeat what it was sent, so that only those see it
 * who may see personal fields.
 */
export function showAttempt(row: AttemptRow, isPersonal: boolean): components['schemas']['Attempt'] {
  return {
    number: row.number,
    started_at: isoTime(row.started_at),
    duration_ms: row.duration_ms,
    status: row.status,
    error: row.error,
    reply_headers: isPersonal ? (JSON.parse(row.reply_headers ?? 'null') as Record<string, string> | null) : null,
    reply_body: isPersonal ? row.reply_body : null,
  };
}
