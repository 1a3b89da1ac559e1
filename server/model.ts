/** Shared types: the words of docs/glossary.md as rows and values. Times are epoch milliseconds. */

export type EndpointKind = 'endpoint' | 'hook';
export type EndpointState = 'active' | 'paused' | 'disabled';
export type DeliveryStatus = 'pending' | 'failed' | 'held' | 'delivered' | 'dead' | 'cancelled';

/** What a process does: take requests, deliver, or both. */
export type Role = 'api' | 'worker' | 'all';

/** Narrowing of a hook: AND across fields, OR within a field's values. */
export type Filters = Record<string, string[]>;

/** How deliveries are signed where a dialect leaves a choice. */
export interface Signature {
  /** `ed25519`: with a private key of the endpoint's own (dialect `standard`). */
  algorithm?: 'hmac-sha256' | 'ed25519';
  /** Writes the other fields out as a well-known sender has them. */
  preset?: 'stripe' | 'github';
  header?: string;
  id_header?: string;
  timestamp_header?: string;
  event_header?: string;
  /** What is signed, and how the signature is written around it. */
  scheme?: 'body' | 'timestamp.body' | 'id.timestamp.body' | 't=,v1=';
  encoding?: 'hex' | 'base64';
  prefix?: string;
}

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
  /** JSON array of addresses and ranges, or null. */
  allowed_ips: string | null;
  /** JSON of what `Authorization` is made of, or null. */
  credentials: string | null;
  /** JSON of a certificate and its key, or null. */
  client_certificate: string | null;
  /** JSON of Signature, or null. */
  signature: string | null;
  /** Name of a retry policy. */
  retry_policy: string;
  timeout_ms: number;
  /** How many attempts may be open at once. */
  max_in_flight: number;
  /** Deliveries a second; null where there is no limit. */
  rate_limit: number | null;
  /** 1 where deliveries leave first in, first out, for each value at `ordering_key`. */
  ordered: number;
  /** JSON pointer into the event; null where the whole endpoint is one order. */
  ordering_key: string | null;
  state: EndpointState;
  disabled_reason: string | null;
  /** When the server disabled it; null when it did not. */
  disabled_at: number | null;
  /** The token that made it; null when it was the operator's. */
  token_id: string | null;
  /** JSON array of families whose events its patterns do not cover, because its maker may not have them; null when there are none. */
  barred: string | null;
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

/** Whether a lane holds its breath: until when, and for the how manieth time in a row. */
export interface BackOffState {
  backoff_until: number | null;
  backoff_level: number;
}

/** What the owner of a lane writes down about its receiver. */
export interface LaneHealth extends EndpointHealth, BackOffState {}

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
  /** W3C trace context of the publish. */
  traceparent: string | null;
  /** When its payload was pruned: the envelope's `data` is null since then. */
  pruned_at: number | null;
}

/** A row of `delivery`. */
export interface DeliveryRow {
  team_id: string;
  id: string;
  endpoint_id: string;
  event_id: string;
  /** The event's `accepted_at`. */
  event_at: number;
  type: string;
  dialect: string;
  status: DeliveryStatus;
  due_at: number;
  /** In an ordered lane: when a failed one is tried again, since `due_at` keeps its place. */
  retry_at: number | null;
  attempt_count: number;
  /** What orders it in an ordered endpoint: deliveries with the same key leave one after the other. */
  ordering_key: string | null;
  /** The delivery that it repeats. */
  replay_of: string | null;
  /** The replay that made it. */
  replay_id: string | null;
  created_at: number;
  settled_at: number | null;
}

/** What of the past a replay sends: what the endpoint never got, and deliveries to it that are in these statuses. */
export type ReplayStatus = 'missed' | 'failed' | 'delivered' | 'dead' | 'cancelled';
export type ReplayState = 'running' | 'done' | 'cancelled';

/** A row of `replay`. */
export interface ReplayRow {
  team_id: string;
  id: string;
  endpoint_id: string;
  /** Events accepted from `since` on and before `until`. */
  since: number;
  until: number;
  /** JSON array of patterns, or null. */
  events: string | null;
  /** JSON array of ReplayStatus. */
  statuses: string;
  state: ReplayState;
  /** The team's events are walked from `first_seq` to `last_seq`; those before `next_seq` are done with. */
  first_seq: number;
  next_seq: number;
  last_seq: number;
  /** Events found to send, and deliveries made for them. */
  matched: number;
  created: number;
  /** For its pace: how many may wait in the lane besides those under way, and how many were due after the last page. */
  page: number;
  backlog: number;
  created_at: number;
  /** When its last deliveries were made. */
  updated_at: number;
  finished_at: number | null;
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
  | 'token:manage'
  | 'audit:read'
  | 'member:pii'
  | 'member:erase';

/** What a token is for: `test` marks whatever is published with it as a test. */
export type TokenMode = 'live' | 'test';

/** Who is calling: a team's token, or the operator acting for a team. */
export interface Caller {
  tokenId: string;
  teamId: string;
  isOperator: boolean;
  /** What is published with the token is a test. */
  isTest: boolean;
  /** When the token stops working, in epoch milliseconds; null when it does not. */
  expiresAt: number | null;
  abilities: ReadonlySet<string>;
  /** The projects that the token is for; null where it is for the whole team. */
  projects: readonly string[] | null;
  /** The token as presented; only to derive the key that seals a replayable secret. Never logged or stored. */
  presented: string;
}

/** What whoever makes or changes an endpoint may have sent to it. */
export interface Rights {
  /** Personal fields. */
  isPersonal: boolean;
  /** Events of these projects alone; null for all of the team's. */
  projects: readonly string[] | null;
  /** Families whose events it may not have, because their `required_ability` is missing. */
  barredFamilies: readonly string[];
}

/** Which of a team's events a caller may read. */
export interface EventScope {
  projects: readonly string[] | null;
  barredTypes: readonly string[];
}

/** Identifies a request that must take effect once: team + operation + key. `hash` is that of the request. */
export interface OnceScope {
  teamId: string;
  operation: string;
  key: string;
  hash: string;
}

/** How much waits in the whole installation, and how the lanes are. */
export interface Backlog {
  countedAt: number;
  /** Deliveries that wait for an attempt. */
  deliveries: number;
  /** When the first of them is, or was, due; null when there is none. */
  oldestDueAt: number | null;
  lanes: { open: number; backing_off: number; closed: number };
}
