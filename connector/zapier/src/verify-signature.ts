import { createHmac, timingSafeEqual } from 'node:crypto';

/** The parts of a signed delivery, as they came. */
export interface SignedDelivery {
  id: string;
  timestamp: string;
  /** All signatures, separated by spaces: during a rotation there is one for each valid secret. */
  signatures: string;
  /** The raw body. */
  body: string;
}

const PREFIX = 'whsec_';
const SCHEME = 'v1,';

/**
 * Whether one of the signatures is `v1,<base64 HMAC-SHA256>` of `<id>.<timestamp>.<body>` (Standard Webhooks,
 * "Signature scheme"). The timestamp is signed but its age is not looked at, since Zapier may hold a hook for minutes
 * before the app sees it.
 */
export function isSignedWith(secret: string, delivery: SignedDelivery): boolean {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  if (key.length === 0) return false;
  const content = `${delivery.id}.${delivery.timestamp}.${delivery.body}`;
  const expected = createHmac('sha256', key).update(content).digest();
  return delivery.signatures
    .split(' ')
    .filter((signature) => signature.startsWith(SCHEME))
    .map((signature) => Buffer.from(signature.slice(SCHEME.length), 'base64'))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}
