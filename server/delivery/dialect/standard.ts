import { createHmac, createSecretKey, sign } from 'node:crypto';
import { privateKeyOf } from '../../endpoint/asymmetric-key.ts';
import { cachedKeys } from './cached-keys.ts';
import type { Dialect } from './dialect.ts';

const PREFIX = 'whsec_';

/**
 * Standard Webhooks (https://www.standardwebhooks.com, specification, "Webhook metadata" and "Signature scheme"):
 * `v1,<base64 HMAC-SHA256>` of `<id>.<timestamp>.<body>`, one per valid secret, keyed with the secret's decoded bytes; or
 * `v1a,<base64 ed25519>` where the endpoint's secret is a private key.
 */
export const standard: Dialect = {
  name: 'standard',
  defaultRetryPolicy: 'standard',
  headers({ eventId, timestamp, body, secrets }) {
    const prefix = `${eventId}.${timestamp}.`;
    return {
      'webhook-id': eventId,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': secrets.map((secret) => signOne(secret, prefix, body)).join(' '),
    };
  },
};

function signOne(secret: string, prefix: string, body: string | Buffer): string {
  if (!secret.startsWith('whsk_')) return signV1(secret, prefix, body);
  const content = Buffer.concat([Buffer.from(prefix), Buffer.from(body)]);
  return `v1a,${sign(null, content, asymmetricKeyOf(secret)).toString('base64')}`;
}

/** `v1,<base64 HMAC-SHA256>`, keyed with the secret's decoded bytes. */
export function signV1(secret: string, prefix: string, body: string | Buffer): string {
  return `v1,${createHmac('sha256', keyOf(secret)).update(prefix).update(body).digest('base64')}`;
}

/** The key of a secret: its decoded bytes, with or without the prefix. */
const keyOf = cachedKeys((secret) =>
  createSecretKey(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64'),
);
const asymmetricKeyOf = cachedKeys(privateKeyOf);
