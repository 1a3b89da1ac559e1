import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** What PKCS #8 puts before the 32 bytes of an ed25519 private key (RFC 8410, 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_BYTES = 32;

/** A new ed25519 private key: `whsk_` and base64. Unlike a shared secret it is never shown. */
export function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  return `whsk_${pkcs8.subarray(-KEY_BYTES).toString('base64')}`;
}

/** The private key as a key. */
export function privateKeyOf(text: string): KeyObject {
  const bytes = Buffer.from(text.replace(/^whsk_/, ''), 'base64');
  return createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: 'der', type: 'pkcs8' });
}

/** What receivers verify with: `whpk_` and base64; null for a shared secret. */
export function publicKeyOf(secret: string): string | null {
  if (!secret.startsWith('whsk_')) return null;
  const spki = createPublicKey(privateKeyOf(secret)).export({ format: 'der', type: 'spki' });
  return `whpk_${spki.subarray(-KEY_BYTES).toString('base64')}`;
}
