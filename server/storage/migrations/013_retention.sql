-- What is needed to let go of what is past its retention.

-- When the event's payload was pruned: its envelope then has `data: null`, and its bodies are gone. Null while it is whole.
alter table event add column pruned_at bigint;

-- Finds what has expired. Times grow within a team, so an insert goes to the end.
create index event_key_expiry on event_key (team_id, expires_at);
create index idempotency_expiry on idempotency (team_id, expires_at);

-- Work for the whole installation that one process does at a time: whose turn it is, and from when on it is anybody's again.
create table chore (
  name text primary key,
  owner text,
  due_at bigint not null
);
insert into chore (name, owner, due_at) values ('retention', null, 0);
