import type { Dialect, Message } from './dialect.ts';
import { hmacOf } from './hmac.ts';

/**
 * The canonical envelope, signed as the endpoint's `signature` says, so that a receiver written for another sender's webhooks
 * takes it. Keyed with the secret as it stands.
 */
export const custom: Dialect = {
  name: 'custom',
  defaultRetryPolicy: 'standard',
  headers(message) {
    const { signature: how } = message;
    const headers: Record<string, string> = { [how?.header ?? 'X-Signature']: signatureOf(message) };
    if (how?.id_header) headers[how.id_header] = message.eventId;
    if (how?.timestamp_header) headers[how.timestamp_header] = String(message.timestamp);
    if (how?.event_header) headers[how.event_header] = message.eventName;
    return headers;
  },
};

function signatureOf({ eventId, timestamp, body, secrets, signature: how }: Message): string {
  const encoding = how?.encoding ?? 'hex';
  switch (how?.scheme ?? 'body') {
    case 't=,v1=': {
      // As Stripe has it: each secret that is valid signs.
      const signatures = secrets.map((secret) => `v1=${hmacOf(secret, `${timestamp}.`, body, encoding)}`);
      return [`t=${timestamp}`, ...signatures].join(',');
    }
    case 'timestamp.body':
      return `${how?.prefix ?? ''}${hmacOf(secrets[0] ?? '', `${timestamp}.`, body, encoding)}`;
    case 'id.timestamp.body':
      return `${how?.prefix ?? ''}${hmacOf(secrets[0] ?? '', `${eventId}.${timestamp}.`, body, encoding)}`;
    default:
      return `${how?.prefix ?? ''}${hmacOf(secrets[0] ?? '', '', body, encoding)}`;
  }
}
