-- What the engine needs beyond the first way of an event: limits and order of a lane, replays, traces.

-- max_in_flight caps open attempts; rate_limit is deliveries a second (null: no limit); ordered makes deliveries leave
-- first in, first out, for each value at ordering_key (a JSON pointer into the event; null: the whole endpoint).
alter table endpoint add column max_in_flight bigint not null default 10;
alter table endpoint add column rate_limit double precision;
alter table endpoint add column ordered bigint not null default 0;
alter table endpoint add column ordering_key text;

-- How often in a row the lane has backed off; back-off grows with it, and a success sets it back to 0.
alter table lane add column backoff_level bigint not null default 0;

-- The W3C trace context of the publish, handed on to receivers.
alter table event add column traceparent text;

-- event_at is the event's accepted_at, so that an event is found in its day. ordering_key is the value that orders it, null
-- where the endpoint is not ordered. replay_id is the replay that made it.
alter table delivery add column event_at bigint not null default 0;
alter table delivery add column ordering_key text;
alter table delivery add column replay_id text;
update delivery set event_at = coalesce(
  (select accepted_at from event where event.team_id = delivery.team_id and event.id = delivery.event_id), created_at);

-- Making deliveries of past events again. state: running | done | cancelled. Events are walked by seq from next_seq to
-- last_seq, so that a crash costs nothing but the page under way.
create table replay (
  team_id text not null,
  id text not null,
  endpoint_id text not null,
  since bigint not null,
  until bigint not null,
  events text,
  statuses text,
  state text not null,
  first_seq bigint not null,
  next_seq bigint not null,
  last_seq bigint not null,
  created bigint not null default 0,
  created_at bigint not null,
  updated_at bigint not null,
  finished_at bigint,
  primary key (team_id, id)
);
create index replay_running on replay (team_id, endpoint_id) where state = 'running';
create index delivery_of_replay on delivery (team_id, replay_id, id) where replay_id is not null;
