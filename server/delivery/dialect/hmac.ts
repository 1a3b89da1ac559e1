import { createHmac, createSecretKey } from 'node:crypto';
import { cachedKeys } from './cached-keys.ts';

export type HmacEncoding = 'hex' | 'base64';

/** HMAC-SHA256 of a prefix and a body, keyed with the secret as it stands, `whsec_` and all. */
export function hmacOf(secret: string, prefix: string, body: string | Buffer, encoding: HmacEncoding): string {
  return createHmac('sha256', keyOf(secret)).update(prefix).update(body).digest(encoding);
}

const keyOf = cachedKeys((secret) => createSecretKey(secret, 'utf8'));
