-- Who changed what, and from where. Rows are only ever added: each store has triggers that refuse anything else.
create table audit (
  team_id text not null,
  id text not null,
  at bigint not null,
  actor text not null,
  action text not null,
  target text not null,
  changes text not null,
  ip text,
  user_agent text,
  request_id text,
  primary key (team_id, id)
);
