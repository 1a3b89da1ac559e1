import { dialectOf } from '../catalog/dialect-form.ts';
import type { Clock } from '../clock.ts';
import type { Sender } from '../egress/send.ts';
import type { SendResult } from '../egress/send-result.ts';
import { authorizationOf } from '../endpoint/check-credentials.ts';
import type { Signature } from '../model.ts';
import { childOf } from '../observe/traceparent.ts';
import type { DueDelivery } from '../storage/due.ts';
import type { Dialect } from './dialect/dialect.ts';
import type { OpenedEndpoint } from './open-endpoint.ts';

export interface AttemptParts {
  clock: Clock;
  sender: Sender;
  dialects: ReadonlyMap<string, Dialect>;
  /** What a dialect calls an event type. */
  nameOf(dialect: string, type: string): string;
  userAgent: string;
}

const customHeaders = new WeakMap<OpenedEndpoint, Record<string, string>>();

/**
 * Makes one attempt: signs the frozen body in the delivery's dialect with the endpoint's present secrets and posts it.
 * Never throws; a delivery that cannot even be shaped is a failed attempt with its reason.
 */
export async function makeAttempt(
  { clock, sender, dialects, nameOf, userAgent }: AttemptParts,
  delivery: DueDelivery,
  endpoint: OpenedEndpoint,
): Promise<SendResult> {
  const name = dialectOf(delivery.dialect);
  const dialect = dialects.get(name);
  if (dialect === undefined) return unsent(`this server does not know the dialect "${name}"`);
  if (endpoint.fault !== null) return unsent(endpoint.fault);
  // Left by a commit at which the dialect threw.
  if (delivery.body.length === 0) return unsent(`the body could not be made in the dialect "${name}"`);
  try {
    const now = clock.now();
    const headers: Record<string, string> = {
      ...headersOf(endpoint),
      'content-type': 'application/json',
      'user-agent': userAgent,
      'hookloom-attempt': String(delivery.attempt_count + 1),
      'hookloom-delivery': delivery.id,
      ...dialect.headers({
        eventId: delivery.event_id,
        eventName: nameOf(name, delivery.type),
        timestamp: Math.floor(now / 1000),
        body: delivery.body,
        secrets: secretsOf(endpoint, now),
        signature: endpoint.signature === null ? null : (JSON.parse(endpoint.signature) as Signature),
      }),
    };
    if (delivery.traceparent !== null) headers.traceparent = childOf(delivery.traceparent);
    if (delivery.is_test === 1) headers['hookloom-test'] = 'true';
    return await sender.send({
      url: endpoint.url,
      headers,
      body: delivery.body,
      timeoutMs: endpoint.timeout_ms,
      allowedIps: endpoint.allowed_ips,
      clientCertificate: endpoint.client_certificate,
    });
  } catch (error) {
    return unsent(error instanceof Error ? error.message : String(error));
  }
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

function unsent(error: string): SendResult {
  return { status: null, error, timedOut: false, durationMs: 0, replyHeaders: null, replyBody: null };
}
