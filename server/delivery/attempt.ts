import { dialectOf } from '../catalog/dialect-form.ts';
import type { Clock } from '../clock.ts';
import type { SendResult } from '../egress/send-result.ts';
import { authorizationOf } from '../endpoint/check-credentials.ts';
import type { DueDelivery } from '../storage/due.ts';
import type { OpenedEndpoint } from './open-endpoint.ts';
import { type Poster, type Posting, unsent } from './poster.ts';

export interface AttemptParts {
  clock: Clock;
  poster: Poster;
  /** What a dialect calls an event type. */
  nameOf(dialect: string, type: string): string;
}

const customHeaders = new WeakMap<OpenedEndpoint, Record<string, string>>();

/**
 * Makes one attempt: has the frozen body signed in the delivery's dialect with the endpoint's present secrets, and posted.
 * Never throws; a delivery that cannot even be shaped is a failed attempt with its reason. What is posted is taken out of the delivery.
 */
export async function makeAttempt(
  parts: AttemptParts,
  delivery: DueDelivery,
  endpoint: OpenedEndpoint,
): Promise<SendResult> {
  if (endpoint.fault !== null) return unsent(endpoint.fault);
  const { body } = delivery;
  // Left by a commit at which the dialect threw.
  if (body.length === 0) return unsent(`the body could not be made in the dialect "${dialectOf(delivery.dialect)}"`);
  let posting: Posting;
  try {
    posting = postingOf(parts, delivery, endpoint);
  } catch (error) {
    return unsent(error instanceof Error ? error.message : String(error));
  }
  // Each collection would copy it along with what waits for the reply and for the commit. Another attempt reads it again.
  delivery.body = '';
  return parts.poster.post(posting, body);
}

function postingOf({ clock, nameOf }: AttemptParts, delivery: DueDelivery, endpoint: OpenedEndpoint): Posting {
  const dialect = dialectOf(delivery.dialect);
  const now = clock.now();
  return {
    url: endpoint.url,
    timeoutMs: endpoint.timeout_ms,
    allowedIps: endpoint.allowed_ips,
    clientCertificate: endpoint.client_certificate,
    headers: headersOf(endpoint),
    dialect,
    signature: endpoint.signature,
    eventId: delivery.event_id,
    eventName: nameOf(dialect, delivery.type),
    timestamp: Math.floor(now / 1000),
    secrets: secretsOf(endpoint, now),
    deliveryId: delivery.id,
    attemptNumber: delivery.attempt_count + 1,
    traceparent: delivery.traceparent,
    isTest: delivery.is_test === 1,
  };
}

/** The endpoint's own headers and its credentials, parsed once per read of its settings. */
function headersOf(endpoint: OpenedEndpoint): Record<string, string> {
  let headers = customHeaders.get(endpoint);
  if (headers === undefined) {
    headers = JSON.parse(endpoint.headers) as Record<string, string>;
    if (endpoint.credentials !== null) headers.authorization = authorizationOf(endpoint.credentials);
    customHeaders.set(endpoint, headers);
  }
  return headers;
}

function secretsOf(endpoint: OpenedEndpoint, now: number): string[] {
  const { secret, previous_secret: previous, previous_secret_until: until } = endpoint;
  return previous !== null && until !== null && until > now ? [secret, previous] : [secret];
}
