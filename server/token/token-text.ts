import { hash, randomBytes } from 'node:crypto';

/** A new token: `hkl_` and 192 random bits in hexadecimal, so that a double click selects all of it. */
export function newToken(): string {
  return `hkl_${randomBytes(24).toString('hex')}`;
}

/** What is stored of a token: its SHA-256 in hexadecimal. A fast hash will do, since tokens are random and long. */
export function hashToken(presented: string): string {
  return hash('sha256', presented, 'hex');
}
