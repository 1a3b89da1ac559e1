/** Shared types: the words of docs/glossary.md as rows and values. Times are epoch milliseconds. */

export type EndpointKind = 'endpoint' | 'hook';
export type EndpointState = 'active' | 'paused' | 'disabled';
export type DeliveryStatus = 'pending' | 'failed' | 'held' | 'delivered' | 'dead' | 'cancelled';

/** Narrowing of a hook: AND across fields, OR within a field's values. */
export type Filters = Record<string, string[]>;

/** A row of `endpoint`. */
export interface EndpointRow {
  team_id: string;
  id: string;
  kind: EndpointKind;
  name: string | null;
  url: string;
  /** JSON array of patterns. */
  events: string;
  project_id: string | null;
  /** JSON of Filters, or null. */
  filters: string | null;
  dialect: string;
  /** JSON object: custom headers sent with every attempt. */
  headers: string;
  /** Name of a retry policy. */
  retry_policy: string;
  timeout_ms: number;
  state: EndpointState;
  disabled_reason: string | null;
  secret: string;
  previous_secret: string | null;
  previous_secret_until: number | null;
  created_at: number;
  updated_at: number;
}

/** What the owner of a lane knows about its endpoint's health. */
export interface EndpointHealth {
  failing_since: number | null;
  last_success_at: number | null;
  consecutive_failures: number;
}

/** A row of `event`. */
export interface EventRow {
  team_id: string;
  seq: number;
  id: string;
  type: string;
  project_id: string | null;
  is_test: number;
  deliveries: number;
  accepted_at: number;
  envelope: string;
}

/** A row of `delivery`. */
export interface DeliveryRow {
  team_id: string;
  id: string;
  endpoint_id: string;
  event_id: string;
  type: string;
  dialect: string;
  status: DeliveryStatus;
  due_at: number;
  attempt_count: number;
  replay_of: string | null;
  created_at: number;
  settled_at: number | null;
}

/** A row of `attempt`. */
export interface AttemptRow {
  team_id: string;
  delivery_id: string;
  number: number;
  started_at: number;
  duration_ms: number;
  status: number | null;
  error: string | null;
  /** JSON object, or null when there was no reply. */
  reply_headers: string | null;
  reply_body: string | null;
}

/** What a token may do; checked against the `security` of each operation in openapi.yaml. */
export type Ability =
  | 'webhook-endpoint:manage'
  | 'webhook-event:publish'
  | 'webhook-event:read'
  | 'webhook-delivery:read'
  | 'team:view'
  | 'token:manage';

/** Who is calling: a team's token, or the operator acting for a team. */
export interface Caller {
  tokenId: string;
  teamId: string;
  isOperator: boolean;
  abilities: ReadonlySet<string>;
  /** The token as presented; only to derive the key that seals a replayable secret. Never logged or stored. */
  presented: string;
}

/** Identifies a request that must take effect once: team + operation + key. `hash` is that of the request. */
export interface OnceScope {
  teamId: string;
  operation: string;
  key: string;
  hash: string;
}
