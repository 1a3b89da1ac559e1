-- The event's accepted_at, so that a body is found in its day, as delivery.event_at is.
alter table event_body add column accepted_at bigint not null default 0;
update event_body set accepted_at = coalesce(
  (select accepted_at from event where event.team_id = event_body.team_id and event.id = event_body.event_id), 0);
