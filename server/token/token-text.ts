import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { TokenMode } from '../model.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 178 bits. */
const RANDOM_LENGTH = 30;
/** Enough for 32 bits. */
const CHECKSUM_LENGTH = 6;
const FORM = new RegExp(`^(hkl_(?:live|test)_[0-9A-Za-z]{${RANDOM_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`);

/**
 * A new token: `hkl_live_` or `hkl_test_`, 30 random characters, and a CRC-32 of what stands before it, both in base 62. A double
 * click selects all of it, secret scanners know it by its form, and a mistyped one is told from a revoked one.
 */
export function newToken(mode: TokenMode): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const text = `hkl_${mode}_${random}`;
  return text + checksum(text);
}

/** Whether a text begins like one of our tokens, but is none: cut off, or mistyped. */
export function isMistyped(presented: string): boolean {
  if (!/^hkl_(live|test)_/.test(presented)) return false;
  const [, text, sum] = FORM.exec(presented) ?? [];
  return text === undefined || checksum(text) !== sum;
}

/** What is stored of a token: its SHA-256 in hexadecimal. A fast hash will do, since tokens are random and long. */
export function hashToken(presented: string): string {
  return hash('sha256', presented, 'hex');
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let index = 0; index < CHECKSUM_LENGTH; index += 1) {
    digits = ALPHABET[rest % ALPHABET.length] + digits;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return digits;
}
