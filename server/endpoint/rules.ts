import type { Catalog } from '../catalog/types.ts';
import type { EgressPolicy } from '../egress/egress-policy.ts';
import type { Vault } from '../vault/vault.ts';

/** What an endpoint is checked against. */
export interface EndpointRules {
  catalog: Catalog;
  dialects: ReadonlyMap<string, { readonly name: string; readonly defaultRetryPolicy: string }>;
  /** Names of the retry policies. */
  retryPolicies: ReadonlySet<string>;
  /** The dialect of those that name none. */
  defaultDialect: string;
  target: EgressPolicy;
  /** How many endpoints and hooks a team may have; 0 for any number. */
  quota: number;
  /** What seals its secrets. */
  vault: Vault;
}
