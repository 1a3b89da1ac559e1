-- Text ids, epoch-millisecond integers, JSON as text: the same file serves SQLite and PostgreSQL.
-- Every hot table's key begins with team_id, so that the tables can be distributed by team.

-- A tenant. last_seq numbers its events in commit order.
create table team (
  id text primary key,
  name text not null,
  last_seq bigint not null default 0,
  created_at bigint not null
);

-- What API callers present. Only a SHA-256 of the token is stored. team_id is null for the operator's token.
create table token (
  id text primary key,
  team_id text,
  name text not null,
  hash text not null unique,
  abilities text not null,
  created_at bigint not null
);
create index token_of_team on token (team_id, id);

-- Where deliveries go. kind: endpoint | hook. state: active | paused | disabled.
create table endpoint (
  team_id text not null,
  id text not null,
  kind text not null,
  name text,
  url text not null,
  events text not null,
  project_id text,
  filters text,
  dialect text not null,
  headers text not null,
  retry_policy text not null,
  timeout_ms bigint not null,
  state text not null,
  disabled_reason text,
  secret text not null,
  previous_secret text,
  previous_secret_until bigint,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (team_id, id)
);

-- One row per endpoint and pattern it subscribes ("member.joined", "member.*", "*"); project_id is '' where the
-- endpoint takes every project. A publish finds its endpoints by six key look-ups, however many endpoints a team has.
create table endpoint_event (
  team_id text not null,
  pattern text not null,
  project_id text not null,
  endpoint_id text not null,
  primary key (team_id, pattern, project_id, endpoint_id)
);
create index endpoint_event_of_endpoint on endpoint_event (team_id, endpoint_id);

-- The queue of one endpoint, leased by one worker at a time. is_open is 0 while the endpoint is paused or disabled.
-- The endpoint's health lives here too: only the lane's owner writes it.
create table lane (
  team_id text not null,
  endpoint_id text not null,
  is_open bigint not null default 1,
  next_due_at bigint,
  owner text,
  fence bigint not null default 0,
  lease_until bigint,
  backoff_until bigint,
  failing_since bigint,
  last_success_at bigint,
  consecutive_failures bigint not null default 0,
  primary key (team_id, endpoint_id)
);
-- The look-out: lanes that could be leased now. Leased ones are not in it, so its cost grows with neither backlog nor work.
create index lane_due on lane (next_due_at) where owner is null and is_open = 1;
create index lane_owned on lane (owner) where owner is not null;

-- One occurrence. envelope is the canonical JSON that the standard dialect sends, byte for byte.
create table event (
  team_id text not null,
  seq bigint not null,
  id text not null,
  type text not null,
  project_id text,
  is_test bigint not null,
  deliveries bigint not null,
  accepted_at bigint not null,
  envelope text not null,
  primary key (team_id, id)
);
create unique index event_by_seq on event (team_id, seq);
create index event_by_type on event (team_id, type, seq);

-- Bodies of the dialects whose body is not the canonical envelope, frozen at fan-out.
create table event_body (
  team_id text not null,
  event_id text not null,
  dialect text not null,
  body text not null,
  primary key (team_id, event_id, dialect)
);

-- Ids that publishers chose, with a hash of the content, so that a repeated publish is told from a clash.
create table event_key (
  team_id text not null,
  key text not null,
  hash text not null,
  event_id text not null,
  expires_at bigint not null,
  primary key (team_id, key)
);

-- One event on its way to one endpoint. status: pending | failed | held | delivered | dead | cancelled.
create table delivery (
  team_id text not null,
  id text not null,
  endpoint_id text not null,
  event_id text not null,
  type text not null,
  dialect text not null,
  status text not null,
  due_at bigint not null,
  attempt_count bigint not null,
  replay_of text,
  created_at bigint not null,
  settled_at bigint,
  primary key (team_id, id)
);
-- The worker's read: only what waits is in it, so settled history does not slow it down.
create index delivery_waiting on delivery (team_id, endpoint_id, due_at, id) where status in ('pending', 'failed');
create index delivery_by_endpoint on delivery (team_id, endpoint_id, id);
create index delivery_by_event on delivery (team_id, event_id, id);

-- One POST of a delivery.
create table attempt (
  team_id text not null,
  delivery_id text not null,
  number bigint not null,
  started_at bigint not null,
  duration_ms bigint not null,
  status bigint,
  error text,
  reply_headers text,
  reply_body text,
  primary key (team_id, delivery_id, number)
);

-- Replies to repeat for an Idempotency-Key. resource_id is what the request created, so that deleting it forgets the reply.
create table idempotency (
  team_id text not null,
  operation text not null,
  key text not null,
  hash text not null,
  status bigint not null,
  headers text not null,
  reply text not null,
  is_sealed bigint not null,
  resource_id text,
  expires_at bigint not null,
  primary key (team_id, operation, key)
);
create index idempotency_of_resource on idempotency (team_id, resource_id) where resource_id is not null;
