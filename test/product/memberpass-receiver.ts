import { createHmac, timingSafeEqual } from 'node:crypto';

/** A delivery as a receiver written for MemberPass sees it. */
export interface MemberPassRequest {
  headers: Record<string, string>;
  body: string;
}

const TOLERANCE_SECONDS = 300;

/**
 * A receiver of MemberPass's webhooks, written from what the vendor documents: `MP-Signature: t=<unix>,v1=<hex>[,v0=<hex>]`,
 * hex of HMAC-SHA256(secret, `<t>.<raw body>`), 300 s of tolerance. During a rotation `v0` is the old secret's.
 * Tells which part the secret verifies, or null.
 */
export function verifyMemberPass(
  { headers, body }: MemberPassRequest,
  secret: string,
  now = Date.now(),
): 'v1' | 'v0' | null {
  const parts = new Map(
    (headers['mp-signature'] ?? '').split(',').map((part): [string, string] => {
      const [key = '', value = ''] = part.split('=');
      return [key, value];
    }),
  );
  const t = parts.get('t') ?? '';
  if (Math.abs(now / 1000 - Number(t)) > TOLERANCE_SECONDS) return null;
  const expected = hex(secret, `${t}.${body}`);
  for (const version of ['v1', 'v0'] as const) if (isSame(parts.get(version) ?? '', expected)) return version;
  return null;
}

/** The reading of the vendor's own quickstart: the first comma-separated part is the time, the second one is `v1`. */
export function verifyLikeQuickstart({ headers, body }: MemberPassRequest, secret: string): boolean {
  const header = headers['mp-signature'] ?? '';
  const t = header.split(',')[0]?.split('=')[1] ?? '';
  const v1 = header.split(',')[1]?.split('=')[1] ?? '';
  return isSame(v1, hex(secret, `${t}.${body}`));
}

function hex(secret: string, content: string): string {
  return createHmac('sha256', secret).update(content).digest('hex');
}

function isSame(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
