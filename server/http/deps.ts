import type { Catalog } from '../catalog/types.ts';
import type { Clock } from '../clock.ts';
import type { Dialect } from '../delivery/dialect/dialect.ts';
import type { EgressPolicy } from '../egress/egress-policy.ts';
import type { EndpointRules } from '../endpoint/rules.ts';
import type { Role } from '../model.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { FeedWatch } from '../publish/feed-watch.ts';
import type { LaneSignals, Publisher } from '../publish/publisher.ts';
import type { Database } from '../storage/database.ts';
import type { ActForTeam } from '../token/act-for-team.ts';
import type { Authentication } from '../token/authenticate.ts';
import type { RateLimitSettings } from '../token/rate-limits.ts';
import type { Vault } from '../vault/vault.ts';
import type { LoadedContract } from './load-contract.ts';

/** Where the HTTP layer reports; a pino logger is one. */
export interface Log {
  error(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  info(facts: object, message: string): void;
  debug(facts: object, message: string): void;
}

/** What the app is made of. */
export interface AppDeps {
  contract: LoadedContract;
  catalog: Catalog;
  db: Database;
  clock: Clock;
  publisher: Publisher;
  signals: LaneSignals;
  /** Tells those who wait in a feed of new events. */
  feed: FeedWatch;
  log: Log;
  metrics: Pick<Metrics, 'scrape'>;
  /** What this process does; a worker serves but a few operations. */
  role: Role;
  /** SHA-256 (hex) of the token that may read the metrics, where the environment sets one. */
  metricsTokenHash: string | null;
  /** SHA-256 (hex) of the operator's token where the environment sets one. */
  operatorTokenHash: string | null;
  dialects: ReadonlyMap<string, Dialect>;
  retryPolicies: ReadonlySet<string>;
  defaultDialect: string;
  /** How many requests a token may make. */
  rateLimits: RateLimitSettings;
  /** How many endpoints and hooks a team may have; 0 for any number. */
  endpointQuota: number;
  /** What seals stored secrets. */
  vault: Vault;
  /** Where deliveries may go. */
  egressPolicy: EgressPolicy;
  /** The program's version. */
  version: string;
  /** In tests: check every reply against the contract, and answer 500 `response_contract_violation` on a mismatch. */
  checkResponses?: boolean;
  /** Whether the process can take work: its database answers and it is not shutting down. */
  isReady(): Promise<boolean>;
}

/** What operations are made of: the app's parts and those made from them. */
export interface OperationDeps extends Omit<AppDeps, 'contract'> {
  rules: EndpointRules;
  authentication: Authentication;
  actForTeam: ActForTeam;
  /** The contract, as a value. */
  contract: object;
}
