import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** A key that secrets are sealed under. */
export interface MasterKey {
  /** The first 8 hex digits of the key's SHA-256: names the key without telling it. */
  id: string;
  bytes: Buffer;
  /** The same, imported: Node takes 30 µs to find out that bytes are no key object. */
  key: KeyObject;
}

const KEY_BYTES = 32;

/** A new random key. */
export function newMasterKey(): MasterKey {
  return keyOf(randomBytes(KEY_BYTES));
}

/**
 * Reads a key from its text.
 * @param text 32 bytes in hex or base64
 * @throws Error that says what to give instead, without the text.
 */
export function parseMasterKey(text: string): MasterKey {
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  const bytes = Buffer.from(text, isHex ? 'hex' : 'base64');
  if (bytes.length !== KEY_BYTES || !(isHex || /^[A-Za-z0-9+/_-]{43}=?$/.test(text)))
    throw new Error('a master key is 32 bytes in hex or base64 (try: openssl rand -base64 32)');
  return keyOf(bytes);
}

function keyOf(bytes: Buffer): MasterKey {
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes, key: createSecretKey(bytes) };
}
