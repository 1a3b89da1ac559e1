import { dialectOf, formOf, isPersonalForm } from '../catalog/dialect-form.ts';
import { patternsIn } from '../catalog/dialect-names.ts';
import type { Catalog } from '../catalog/types.ts';
import type { EndpointRow, Filters, Rights, Signature } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Statements } from '../storage/database.ts';
import { cancelWaiting, closeLane, openLane, takeLane } from '../storage/endpoint-gate.ts';
import { type EndpointView, readEndpoint, updateEndpointRow } from '../storage/endpoints.ts';
import { openColumn, sealColumn } from '../vault/endpoint-seals.ts';
import type { Vault } from '../vault/vault.ts';
import { checkAllowedIps } from './check-allowed-ips.ts';
import { checkClientCertificate } from './check-client-certificate.ts';
import { type Credentials, checkCredentials } from './check-credentials.ts';
import { checkDialect, checkRetryPolicy } from './check-dialect.ts';
import { checkEvents } from './check-events.ts';
import { checkFilters } from './check-filters.ts';
import { checkHeaders } from './check-headers.ts';
import { barredFamilies, checkLeading, checkProject } from './check-rights.ts';
import { checkSignature } from './check-signature.ts';
import { endpointNotFound } from './endpoint-not-found.ts';
import type { EndpointFields } from './fields.ts';
import type { EndpointRules } from './rules.ts';
import { checkTarget } from './target.ts';

/** The fields of an endpoint to change; those left out stay as they are. */
export interface EndpointChange extends EndpointFields {
  url?: string | undefined;
  events?: readonly string[] | undefined;
  state?: 'active' | 'paused' | undefined;
  /** With `state: 'active'`: what becomes of deliveries held until now; they are delivered when this is left out. */
  held?: 'deliver' | 'discard' | undefined;
}

/**
 * Changes an endpoint or a hook. Pausing holds what waits; activating releases or cancels it, also after the server disabled it.
 * @returns the endpoint, and whether deliveries became due that its worker must be told of.
 * @param rights what whoever asks may have sent to an endpoint
 * @throws Problem 404 `endpoint_not_found`, 409 `hook_immutable`, 403 `ability_missing` when what is sent would go to where
 * somebody wants it who may not have it, 422 when a field cannot be.
 */
export async function updateEndpoint(
  tx: Statements,
  rules: EndpointRules,
  key: { teamId: string; id: string },
  change: EndpointChange,
  rights: Rights,
  now: number,
): Promise<{ endpoint: EndpointView; released: boolean }> {
  checkHeld(change);
  const lane = await takeLane(tx, key.teamId, key.id);
  const before = await readEndpoint(tx, key.teamId, key.id);
  if (lane === undefined || before === undefined) throw endpointNotFound(key.id);
  const { row, patterns } = changedRow(rules, before, change, rights, now);
  await updateEndpointRow(tx, row, patterns);
  let released = false;
  if (row.state === 'active' && lane.is_open === 0) {
    // An active endpoint's lane is closed while what it held is still being discarded.
    if (change.held === 'discard' && before.state !== 'active') await cancelWaiting(tx, key.teamId, key.id, now);
    released = await openLane(tx, key.teamId, key.id, now);
  }
  if (row.state !== 'active' && before.state === 'active') await closeLane(tx, key.teamId, key.id);
  const after = await readEndpoint(tx, key.teamId, key.id);
  if (after === undefined) throw endpointNotFound(key.id);
  return { endpoint: after, released };
}

function checkHeld({ state, held }: EndpointChange): void {
  if (held === undefined || state === 'active') return;
  throw new Problem(
    422,
    'validation_failed',
    'held says what becomes of held deliveries when the endpoint is activated. Send it with state: active.',
    { errors: [{ pointer: '/held', message: 'is only for state: active' }] },
  );
}

function changedRow(
  rules: EndpointRules,
  before: EndpointView,
  change: EndpointChange,
  rights: Rights,
  now: number,
): { row: EndpointRow; patterns: string[] | null } {
  if (change.url !== undefined) checkTarget(change.url, rules.target);
  const spoken = dialectOf(before.dialect);
  if (change.dialect !== undefined && change.dialect !== spoken) {
    if (before.kind === 'hook')
      throw new Problem(
        409,
        'hook_immutable',
        'A hook keeps its dialect, because the platform that made it expects that one. Unsubscribe it and subscribe anew.',
      );
    checkDialect(rules, change.dialect);
  }
  if (change.retry_policy !== undefined) checkRetryPolicy(rules, change.retry_policy);
  const dialect = change.dialect ?? spoken;
  // In another dialect the same events may have other names, or none.
  const isAsked = change.events !== undefined || dialect !== spoken;
  const kept = JSON.parse(before.events) as string[];
  if (change.url !== undefined && change.url !== before.url)
    checkLeading(rules.catalog, rights, before, patternsOf(rules.catalog, kept, spoken));
  const events = isAsked ? checkEvents(rules.catalog, change.events ?? kept, dialect) : undefined;
  const patternsChanged = isAsked || change.project_id !== undefined;
  const patterns = events?.patterns ?? patternsOf(rules.catalog, kept, dialect);
  const filters =
    change.filters === undefined ? (JSON.parse(before.filters ?? 'null') as Filters | null) : change.filters;
  if (change.project_id !== undefined) checkProject(rights, change.project_id);
  if (events !== undefined || change.filters !== undefined) checkFilters(rules.catalog, patterns, filters);
  const stored = JSON.parse(openColumn(rules.vault, 'headers', before, before.headers)) as Record<string, string>;
  const headers = change.headers === undefined ? stored : checkHeaders(change.headers, stored);
  const row = {
    ...before,
    name: change.name === undefined ? before.name : change.name,
    url: change.url ?? before.url,
    events: events === undefined ? before.events : JSON.stringify(events.names),
    project_id: change.project_id === undefined ? before.project_id : change.project_id,
    filters: filters === null ? null : JSON.stringify(filters),
    // Who asks for other events has them within their own rights.
    barred: change.events === undefined ? before.barred : barredFamilies(rules.catalog, rights, events?.asked ?? []),
    dialect: formOf(dialect, isPersonalForm(before.dialect)),
    signature: changedSignature(before, change, dialect),
    headers:
      change.headers === undefined
        ? before.headers
        : sealColumn(rules.vault, 'headers', before, JSON.stringify(headers)),
    ...changedPassage(rules.vault, before, change, headers, now),
    retry_policy: change.retry_policy ?? before.retry_policy,
    timeout_ms: change.timeout_ms ?? before.timeout_ms,
    max_in_flight: change.max_in_flight ?? before.max_in_flight,
    rate_limit: change.rate_limit === undefined ? before.rate_limit : change.rate_limit,
    ordered: change.ordered === undefined ? before.ordered : change.ordered ? 1 : 0,
    ordering_key: change.ordering_key === undefined ? before.ordering_key : change.ordering_key,
    state: change.state ?? before.state,
    disabled_reason: change.state === undefined ? before.disabled_reason : null,
    disabled_at: change.state === undefined ? before.disabled_at : null,
    updated_at: now,
  };
  return { row, patterns: patternsChanged ? patterns : null };
}

/** What is asked for on the way to the receiver; checked again when the URL or the headers change beside it. */
function changedPassage(
  vault: Vault,
  before: EndpointView,
  change: EndpointChange,
  headers: Record<string, string>,
  now: number,
): Pick<EndpointRow, 'allowed_ips' | 'credentials' | 'client_certificate'> {
  const allowedIps =
    change.allowed_ips === undefined
      ? (JSON.parse(before.allowed_ips ?? 'null') as string[] | null)
      : change.allowed_ips;
  const credentials =
    change.credentials === undefined
      ? (JSON.parse(openColumn(vault, 'credentials', before, before.credentials) ?? 'null') as Credentials | null)
      : change.credentials;
  return {
    allowed_ips: checkAllowedIps(allowedIps, change.url ?? before.url),
    credentials: sealColumn(vault, 'credentials', before, checkCredentials(credentials, headers)),
    client_certificate:
      change.client_certificate === undefined
        ? before.client_certificate
        : sealColumn(vault, 'client_certificate', before, checkClientCertificate(change.client_certificate, now)),
  };
}

/** The patterns that stored names stand for, also those that the catalog has forgotten. */
function patternsOf(catalog: Catalog, names: readonly string[], dialect: string): string[] {
  return [...new Set(names.flatMap((name) => patternsIn(catalog, dialect, name) ?? [name]))];
}

/** @throws Problem 422 `signature_refused`, also when what is signed with would have to change: a rotation does not do that. */
function changedSignature(before: EndpointView, change: EndpointChange, dialect: string): string | null {
  if (change.signature === undefined) return dialect === dialectOf(before.dialect) ? before.signature : null;
  const signature = checkSignature(change.signature, dialect);
  if (usesPrivateKey(signature) !== usesPrivateKey(before.signature))
    throw new Problem(
      422,
      'signature_refused',
      'The algorithm of an endpoint cannot be changed, because its receiver verifies with the key it has. Make another endpoint.',
      { errors: [{ pointer: '/signature/algorithm', message: 'cannot be changed' }] },
    );
  return signature;
}

function usesPrivateKey(signature: string | null): boolean {
  return (JSON.parse(signature ?? 'null') as Signature | null)?.algorithm === 'ed25519';
}
