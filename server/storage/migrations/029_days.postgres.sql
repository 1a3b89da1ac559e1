-- Events, their bodies and deliveries that are final stand in one table a day, dropped whole when it is past its retention
-- (storage/days.ts). What there is already, and what has no day, stands in the tables named …_rest.

-- A delivery that is not final stands apart, whenever it was made: a lane reads one small table, and no day waits for it. When it is
-- settled for good it moves to its day, by the time in its id. Both have the id as their key; together they cannot, as it lacks the status.
drop index delivery_waiting, delivery_held, delivery_by_endpoint, delivery_by_event, delivery_of_replay, delivery_of_replay_by_status,
  delivery_unsuccessful;
alter table delivery rename to delivery_rest;
alter table delivery_rest drop constraint delivery_pkey;
create table delivery (like delivery_rest including defaults) partition by list (status);
create table delivery_unfinished partition of delivery for values in ('pending', 'failed', 'held');
create table delivery_final partition of delivery for values in ('delivered', 'dead', 'cancelled') partition by range (id);
with unfinished as (delete from delivery_rest where status in ('pending', 'failed', 'held') returning *)
  insert into delivery_unfinished select * from unfinished;
alter table delivery_final attach partition delivery_rest default;
alter table delivery_unfinished add primary key (team_id, id);
alter table delivery_final add primary key (team_id, id);
-- The conditions hold for every row, and keep these two from statements that ask for ids alone: planned when a table is new or has
-- just been emptied, they would look through all that a team has.
create index delivery_by_endpoint on delivery (team_id, endpoint_id, id) where endpoint_id is not null;
create index delivery_by_event on delivery (team_id, event_id, id) where event_id is not null;
create index delivery_of_replay on delivery (team_id, replay_id, id) where replay_id is not null;
create index delivery_of_replay_by_status on delivery (team_id, replay_id, status) where replay_id is not null;
create index delivery_waiting on delivery_unfinished (team_id, endpoint_id, due_at, id) where status in ('pending', 'failed');
create index delivery_held on delivery_unfinished (team_id, endpoint_id, id) where status = 'held';
create index delivery_unsuccessful on delivery_final (team_id, status, id) where status in ('dead', 'cancelled');
-- Whether anything of a day has ended lately. The rows of a day lie in the order in which they ended.
create index delivery_settled on delivery_final using brin (team_id, settled_at);
-- It is emptied as fast as it is filled: giving the space back, vacuum would lock everybody out for a moment.
alter table delivery_unfinished set (vacuum_truncate = off);

drop index event_by_seq, event_by_type;
alter table event rename to event_rest;
alter table event_rest drop constraint event_pkey;
create table event (like event_rest including defaults) partition by range (accepted_at);
alter table event attach partition event_rest default;
alter table event add constraint event_pkey primary key (team_id, id, accepted_at);
create index event_by_seq on event (team_id, seq);
create index event_by_type on event (team_id, type, seq);

alter table event_body rename to event_body_rest;
alter table event_body_rest drop constraint event_body_pkey;
create table event_body (like event_body_rest including defaults) partition by range (accepted_at);
alter table event_body attach partition event_body_rest default;
alter table event_body add constraint event_body_pkey primary key (team_id, event_id, dialect, accepted_at);

-- The last day on which a delivery was made of events of a day before it, as a replay is. Days are counted from 1970.
create table event_day (
  team_id text not null,
  day bigint not null,
  used_day bigint not null,
  primary key (team_id, day)
);
-- Whoever makes such a delivery holds its event (storage/events-hold.ts), so the mark is there before the day can be dropped.
create function mark_event_day() returns trigger language plpgsql as $$
begin
  if not exists (
    select from event_day where team_id = new.team_id and day = new.event_at / 86400000 and used_day >= new.created_at / 86400000)
  then
    insert into event_day (team_id, day, used_day) values (new.team_id, new.event_at / 86400000, new.created_at / 86400000)
      on conflict (team_id, day) do update set used_day = greatest(event_day.used_day, excluded.used_day);
  end if;
  return null;
end $$;
create trigger delivery_marks_event_day after insert on delivery_unfinished for each row
  when (new.event_at / 86400000 < new.created_at / 86400000) execute function mark_event_day();
