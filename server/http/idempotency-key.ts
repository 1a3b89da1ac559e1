import { hash } from 'node:crypto';
import type { OnceScope } from '../model.ts';
import { Problem } from '../problem.ts';

const BARE = /^[\x21-\x7e]{1,255}$/;

/**
 * The scope of a request with an `Idempotency-Key`, bare or in double quotes (draft-ietf-httpapi-idempotency-key-header
 * makes it a structured string; the vendors send it bare); undefined without one.
 * @throws Problem 400 `idempotency_key_invalid`.
 */
export function onceScope(
  header: string | undefined,
  request: { teamId: string; operation: string; method: string; path: string; body: Buffer },
): OnceScope | undefined {
  if (header === undefined) return undefined;
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (!BARE.test(key))
    throw new Problem(
      400,
      'idempotency_key_invalid',
      'An Idempotency-Key is 1 to 255 visible ASCII characters, bare or in double quotes.',
    );
  return {
    teamId: request.teamId,
    operation: request.operation,
    key,
    hash: hash(
      'sha256',
      Buffer.concat([Buffer.from(`${request.method} ${request.path}\n`), request.body]),
      'base64url',
    ),
  };
}
