/** What is reported of one attempt, to the log and to the metrics. Times are epoch milliseconds. */
export interface AttemptRecord {
  teamId: string;
  endpointId: string;
  eventId: string;
  eventType: string;
  deliveryId: string;
  dialect: string;
  /** The endpoint's whole URL, which may hold secrets: only its host is ever reported. */
  url: string;
  /** Counted from 1. */
  attemptNumber: number;
  outcome: 'delivered' | 'failed' | 'dead';
  /** The reply's status; null when there was none. */
  status: number | null;
  /** Why there was no usable reply, in words, which may quote anything: only its code is ever reported. */
  error: string | null;
  timedOut: boolean;
  durationMs: number;
  startedAt: number;
  endedAt: number;
  /** When the delivery was due. */
  dueAt: number;
  /** When its event was accepted; null for a delivery that was made later, as a replay is. */
  acceptedAt: number | null;
  /** When it is tried again; null when it is not. */
  nextAttemptAt: number | null;
  traceparent: string | null;
}

/** What came back, in one of a few words: `2xx` to `5xx`, `timeout`, or `none` when the connection failed. */
export type ReplyClass = '2xx' | '3xx' | '4xx' | '5xx' | 'timeout' | 'none';

/** The class of an attempt's reply. */
export function replyClassOf({ status, error, timedOut }: AttemptRecord): ReplyClass {
  if (timedOut) return 'timeout';
  if (status === null || error !== null) return 'none';
  return status < 300 ? '2xx' : status < 400 ? '3xx' : status < 500 ? '4xx' : '5xx';
}
