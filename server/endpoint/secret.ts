import { randomBytes } from 'node:crypto';
import type { Signature } from '../model.ts';
import { newPrivateKey } from './asymmetric-key.ts';

/** What an endpoint signs with: a secret to be shared, or a private key that stays here. */
export function newKey(signature: Signature | null): string {
  return signature?.algorithm === 'ed25519' ? newPrivateKey() : newSecret();
}

/** A new signing secret: `whsec_` and 32 random bytes in base64 (Standard Webhooks asks for 24 to 64). */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
