import { hash } from 'node:crypto';
import type { OnceScope } from '../model.ts';
import { Problem } from '../problem.ts';

/** What a header can carry: MemberPass's n8n node puts the name that a user gave to the node into its key, spaces and all. */
const KEY = /^[\x20-\x7e\x80-\xff]{1,255}$/;

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
  if (!KEY.test(key))
    throw new Problem(
      400,
      'idempotency_key_invalid',
      'An Idempotency-Key is 1 to 255 characters without control characters, bare or in double quotes.',
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
