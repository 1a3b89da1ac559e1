import { createHmac, createSecretKey } from 'node:crypto';
import { cachedKeys } from './cached-keys.ts';
import type { Dialect } from './dialect.ts';

const PREFIX = 'whsec_';

/**
 * Standard Webhooks (https://www.standardwebhooks.com, specification, "Webhook metadata" and "Signature scheme"):
 * `v1,<base64 HMAC-SHA256>` of `<id>.<timestamp>.<body>`, one per valid secret, keyed with the secret's decoded bytes.
 */
export const standard: Dialect = {
  name: 'standard',
  defaultRetryPolicy: 'standard',
  headers({ eventId, timestamp, body, secrets }) {
    const prefix = `${eventId}.${timestamp}.`;
    return {
      'webhook-id': eventId,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': secrets.map((secret) => sign(secret, prefix, body)).join(' '),
    };
  },
};

function sign(secret: string, prefix: string, body: string | Buffer): string {
  return `v1,${createHmac('sha256', keyOf(secret)).update(prefix).update(body).digest('base64')}`;
}

/** The key of a secret: its decoded bytes, with or without the prefix. */
const keyOf = cachedKeys((secret) =>
  createSecretKey(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64'),
);
