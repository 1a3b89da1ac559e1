import type { Dialect } from './dialect.ts';
import { hmacOf } from './hmac.ts';

/**
 * MemberPass's webhooks: the same envelope with the vendor's key names in `data`, and
 * `MP-Signature: t=<seconds>,v1=<hex>[,v0=<hex of the old secret>]` over `<t>.<body>`, keyed with the secret as it stands.
 * `v1` stays second: the vendor's quickstart reads the second comma-separated part.
 */
export const memberpass: Dialect = {
  name: 'memberpass',
  defaultRetryPolicy: 'memberpass',
  body: (envelope, type, name) =>
    JSON.stringify({ ...envelope, type: name, data: type.rename('memberpass', envelope.data) }),
  headers({ eventId, eventName, timestamp, body, secrets }) {
    const signatures = secrets.map((secret, index) => `v${1 - index}=${hmacOf(secret, `${timestamp}.`, body, 'hex')}`);
    return {
      'MP-Event-Id': eventId.replace(/^evt_/, ''),
      'MP-Event-Name': eventName,
      'MP-Signature': [`t=${timestamp}`, ...signatures].join(','),
    };
  },
};
