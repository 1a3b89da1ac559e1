import type { EndpointRow, Signature } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Statements } from '../storage/database.ts';
import { takeLane } from '../storage/endpoint-gate.ts';
import { type EndpointView, readEndpoint, updateEndpointRow } from '../storage/endpoints.ts';
import { sealColumn } from '../vault/endpoint-seals.ts';
import type { Vault } from '../vault/vault.ts';
import { publicKeyOf } from './asymmetric-key.ts';
import { endpointNotFound } from './endpoint-not-found.ts';
import { newKey } from './secret.ts';

/**
 * Gives an endpoint a new secret; the old one signs as well for `oldSecretValidFor` seconds.
 * @throws Problem 404 `endpoint_not_found`; 409 `hook_immutable` for a hook, whose platform holds the secret.
 */
export async function rotateSecret(
  tx: Statements,
  vault: Vault,
  key: { teamId: string; id: string },
  oldSecretValidFor: number,
  now: number,
): Promise<{ endpoint: EndpointView; secret: string }> {
  const lane = await takeLane(tx, key.teamId, key.id);
  const before = await readEndpoint(tx, key.teamId, key.id);
  if (lane === undefined || before === undefined) throw endpointNotFound(key.id);
  if (before.kind === 'hook')
    throw new Problem(
      409,
      'hook_immutable',
      'A hook keeps its secret, because the platform that made it holds it. Unsubscribe it and subscribe anew.',
    );
  const secret = newKey(JSON.parse(before.signature ?? 'null') as Signature | null);
  const isKept = oldSecretValidFor > 0;
  const row: EndpointRow = {
    ...before,
    secret: sealColumn(vault, 'secret', before, secret),
    previous_secret: isKept ? before.secret : null,
    previous_secret_until: isKept ? now + oldSecretValidFor * 1000 : null,
    updated_at: now,
  };
  await updateEndpointRow(tx, row, null);
  return { endpoint: { ...before, ...row }, secret: publicKeyOf(secret) ?? secret };
}
