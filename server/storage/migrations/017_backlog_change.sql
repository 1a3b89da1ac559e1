-- What is held, in the order in which it is released. Nothing else is in it, so it costs other deliveries nothing.
create index delivery_held on delivery (team_id, endpoint_id, id) where status = 'held';

-- is_releasing is 1 while an open lane still has held deliveries to release: what is published meanwhile is held behind them.
alter table lane add column is_releasing bigint not null default 0;

-- A change of all that waits for an endpoint, when that is much: carried out page by page. kind: hold | release | cancel.
-- A cancel ends with the delivery through_id; then_open is 1 when the lane opens after it.
create table backlog_change (
  team_id text not null,
  endpoint_id text not null,
  kind text not null,
  through_id text,
  then_open bigint not null default 0,
  primary key (team_id, endpoint_id)
);
