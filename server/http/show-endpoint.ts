import { dialectOf, isPersonalForm } from '../catalog/dialect-form.ts';
import { publicKeyOf } from '../endpoint/asymmetric-key.ts';
import { viewClientCertificate } from '../endpoint/check-client-certificate.ts';
import type { Credentials } from '../endpoint/check-credentials.ts';
import { MASK } from '../endpoint/check-headers.ts';
import type { EndpointRow, Filters, Signature } from '../model.ts';
import type { EndpointView } from '../storage/endpoints.ts';
import { openColumn } from '../vault/endpoint-seals.ts';
import type { Vault } from '../vault/vault.ts';
import type { components } from './generated/openapi.ts';
import { isoTime, isoTimeOrNull } from './iso-time.ts';

/** An endpoint as the API shows it: never a secret, and of custom headers only the names. */
export function showEndpoint(vault: Vault, row: EndpointView, now: number): components['schemas']['Endpoint'] {
  const headers = JSON.parse(openColumn(vault, 'headers', row, row.headers)) as Record<string, string>;
  const credentials = openColumn(vault, 'credentials', row, row.credentials);
  const certificate = openColumn(vault, 'client_certificate', row, row.client_certificate);
  const oldSecretUntil = row.previous_secret_until;
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    url: row.url,
    events: JSON.parse(row.events) as string[],
    project_id: row.project_id,
    filters: JSON.parse(row.filters ?? 'null') as Filters | null,
    dialect: dialectOf(row.dialect),
    pii: isPersonalForm(row.dialect),
    headers: Object.fromEntries(Object.keys(headers).map((name) => [name, MASK])),
    allowed_ips: JSON.parse(row.allowed_ips ?? 'null') as string[] | null,
    credentials: credentials === null ? null : { type: (JSON.parse(credentials) as Credentials).type },
    client_certificate: certificate === null ? null : showClientCertificate(certificate),
    signature: JSON.parse(row.signature ?? 'null') as Signature | null,
    public_key: publicKey(vault, row),
    retry_policy: row.retry_policy,
    timeout_ms: row.timeout_ms,
    max_in_flight: row.max_in_flight,
    rate_limit: row.rate_limit,
    ordered: row.ordered === 1,
    ordering_key: row.ordering_key,
    state: row.state,
    is_active: row.state === 'active',
    disabled_reason: row.disabled_reason,
    disabled_at: isoTimeOrNull(row.disabled_at),
    failing_since: isoTimeOrNull(row.failing_since),
    last_success_at: isoTimeOrNull(row.last_success_at),
    consecutive_failures: row.consecutive_failures,
    old_secret_valid_until: oldSecretUntil !== null && oldSecretUntil > now ? isoTime(oldSecretUntil) : null,
    created_at: isoTime(row.created_at),
    updated_at: isoTime(row.updated_at),
  };
}

/** What receivers verify asymmetric signatures with; null where the secret is shared. */
function publicKey(vault: Vault, row: EndpointRow): string | null {
  const { algorithm } = JSON.parse(row.signature ?? '{}') as Signature;
  return algorithm === 'ed25519' ? publicKeyOf(openColumn(vault, 'secret', row, row.secret)) : null;
}

function showClientCertificate(stored: string): components['schemas']['ShownClientCertificate'] {
  const { expiresAt, ...view } = viewClientCertificate(stored);
  return { ...view, expires_at: isoTime(expiresAt) };
}

/** An endpoint that has just been made, of whose health nothing is known yet. */
export function showNewEndpoint(vault: Vault, row: EndpointRow, now: number): components['schemas']['Endpoint'] {
  return showEndpoint(vault, { ...row, failing_since: null, last_success_at: null, consecutive_failures: 0 }, now);
}
