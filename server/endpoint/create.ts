import { formOf } from '../catalog/dialect-form.ts';
import { newId } from '../id.ts';
import type { EndpointKind, EndpointRow, Rights, Signature } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Statements } from '../storage/database.ts';
import { countEndpoints, insertEndpoint } from '../storage/endpoints.ts';
import { type SealedColumn, sealColumn } from '../vault/endpoint-seals.ts';
import { publicKeyOf } from './asymmetric-key.ts';
import { checkAllowedIps } from './check-allowed-ips.ts';
import { checkClientCertificate } from './check-client-certificate.ts';
import { checkCredentials } from './check-credentials.ts';
import { checkDialect, checkRetryPolicy } from './check-dialect.ts';
import { checkEvents } from './check-events.ts';
import { checkFilters } from './check-filters.ts';
import { checkHeaders } from './check-headers.ts';
import { barredFamilies, checkProject } from './check-rights.ts';
import { checkSignature } from './check-signature.ts';
import type { EndpointFields } from './fields.ts';
import type { EndpointRules } from './rules.ts';
import { newKey } from './secret.ts';
import { checkTarget } from './target.ts';

/** How long an attempt may take when the endpoint does not say, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 10_000;
/** How many of its attempts may be open at once when the endpoint does not say. */
const CAP_IN_FLIGHT = 10;

/** What an endpoint or a hook is made from. */
export interface NewEndpoint extends EndpointFields {
  kind: EndpointKind;
  /** The token that makes it; null when it is the operator's. */
  tokenId: string | null;
  /** What its maker may have sent to it. */
  rights: Rights;
  url: string;
  events: readonly string[];
}

/**
 * Makes an endpoint or a hook; events accepted after this transaction go to it.
 * @returns its row, and what its receiver verifies with: the secret, which cannot be had again, or the public key.
 * @throws Problem 403 `endpoint_quota_exceeded` when the team has as many as it may, `ability_missing` or `project_not_allowed` when its maker
 * may not have what it asks for; 422 when a URL, event type, filter, dialect, header or retry policy cannot be.
 */
export async function createEndpoint(
  tx: Statements,
  rules: EndpointRules,
  teamId: string,
  wanted: NewEndpoint,
  now: number,
): Promise<{ row: EndpointRow; secret: string }> {
  if (rules.quota > 0) await checkQuota(tx, teamId, rules.quota);
  checkTarget(wanted.url, rules.target);
  const dialectName = wanted.dialect ?? rules.defaultDialect;
  const dialect = checkDialect(rules, dialectName);
  const events = checkEvents(rules.catalog, wanted.events, dialectName);
  checkProject(wanted.rights, wanted.project_id ?? null);
  checkFilters(rules.catalog, events.patterns, wanted.filters ?? null);
  const signature = checkSignature(wanted.signature ?? null, dialectName);
  const retryPolicy = wanted.retry_policy ?? dialect.defaultRetryPolicy;
  checkRetryPolicy(rules, retryPolicy);
  const headers = checkHeaders(wanted.headers ?? {});
  const key = { team_id: teamId, id: newId('ep') };
  const seal = <T extends string | null>(column: SealedColumn, text: T): T =>
    sealColumn(rules.vault, column, key, text);
  const secret = newKey(JSON.parse(signature ?? 'null') as Signature | null);
  const row: EndpointRow = {
    ...key,
    kind: wanted.kind,
    name: wanted.name ?? null,
    url: wanted.url,
    events: JSON.stringify(events.names),
    project_id: wanted.project_id ?? null,
    filters: wanted.filters == null ? null : JSON.stringify(wanted.filters),
    dialect: formOf(dialectName, wanted.rights.isPersonal),
    headers: seal('headers', JSON.stringify(headers)),
    allowed_ips: checkAllowedIps(wanted.allowed_ips ?? null, wanted.url),
    credentials: seal('credentials', checkCredentials(wanted.credentials ?? null, headers)),
    client_certificate: seal('client_certificate', checkClientCertificate(wanted.client_certificate ?? null, now)),
    signature,
    retry_policy: retryPolicy,
    timeout_ms: wanted.timeout_ms ?? DEFAULT_TIMEOUT_MS,
    max_in_flight: wanted.max_in_flight ?? CAP_IN_FLIGHT,
    rate_limit: wanted.rate_limit ?? null,
    ordered: wanted.ordered === true ? 1 : 0,
    ordering_key: wanted.ordering_key ?? null,
    state: 'active',
    disabled_reason: null,
    disabled_at: null,
    token_id: wanted.tokenId,
    barred: barredFamilies(rules.catalog, wanted.rights, events.asked),
    secret: seal('secret', secret),
    previous_secret: null,
    previous_secret_until: null,
    created_at: now,
    updated_at: now,
  };
  await insertEndpoint(tx, row, events.patterns);
  return { row, secret: publicKeyOf(secret) ?? secret };
}

/** Two that come at once are counted one after the other. */
async function checkQuota(tx: Statements, teamId: string, quota: number): Promise<void> {
  if ((await countEndpoints(tx, teamId)) < quota) return;
  throw new Problem(
    403,
    'endpoint_quota_exceeded',
    `This team has ${quota} endpoints and hooks, which is its quota of them. Delete one that is not needed any more, or ask the operator for more.`,
  );
}
