import { createHmac, createSecretKey } from 'node:crypto';
import { cachedKeys } from './cached-keys.ts';
import type { Dialect } from './dialect.ts';

/**
 * MemberPass's webhooks: the same envelope with the vendor's key names in `data`, and
 * `MP-Signature: t=<seconds>,v1=<hex>[,v0=<hex of the old secret>]` over `<t>.<body>`, keyed with the secret as it stands.
 * `v1` stays second: the vendor's quickstart reads the second comma-separated part.
 */
export const memberpass: Dialect = {
  name: 'memberpass',
  defaultRetryPolicy: 'memberpass',
  body: (envelope, type) => JSON.stringify({ ...envelope, data: type.rename('memberpass', envelope.data) }),
  headers({ eventId, eventType, timestamp, body, secrets }) {
    const signatures = secrets.map((secret, index) => `v${1 - index}=${sign(secret, `${timestamp}.`, body)}`);
    return {
      'MP-Event-Id': eventId.replace(/^evt_/, ''),
      'MP-Event-Name': eventType,
      'MP-Signature': [`t=${timestamp}`, ...signatures].join(','),
    };
  },
};

function sign(secret: string, prefix: string, body: string | Buffer): string {
  return createHmac('sha256', keyOf(secret)).update(prefix).update(body).digest('hex');
}

/** The key of a secret: the string as it stands, prefix and all. */
const keyOf = cachedKeys((secret) => createSecretKey(secret, 'utf8'));
