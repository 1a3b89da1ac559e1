import type { Dialect } from './dialect.ts';
import { hmacOf } from './hmac.ts';

/**
 * Memberply's webhooks: `{"id","event","created_at","extra"}`, and an HMAC-SHA256 of the body, keyed with the secret as it
 * stands. The vendor does not say how the signature is written: hex, unless the endpoint's `signature` says otherwise.
 */
export const memberply: Dialect = {
  name: 'memberply',
  defaultRetryPolicy: 'memberply',
  body: (envelope, type, name) =>
    JSON.stringify({
      id: envelope.id,
      event: name,
      created_at: envelope.created_at,
      extra: type.rename('memberply', envelope.data),
    }),
  headers({ eventName, body, secrets: [secret = ''], signature }) {
    const encoded = hmacOf(secret, '', body, signature?.encoding ?? 'hex');
    return { 'X-Memberply-Event': eventName, 'X-Memberply-Signature': `${signature?.prefix ?? ''}${encoded}` };
  },
};
