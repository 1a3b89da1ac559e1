-- How many events a replay has found to send. For its pace: how many deliveries may wait in the lane besides those under
-- way (page), and how many were due when the last page had been made (backlog).
alter table replay add column matched bigint not null default 0;
alter table replay add column page bigint not null default 0;
alter table replay add column backlog bigint not null default 0;
create index replay_of_endpoint on replay (team_id, endpoint_id, id);

-- Counts of a replay's deliveries; what was not made by a replay is not in it.
create index delivery_of_replay_by_status on delivery (team_id, replay_id, status) where replay_id is not null;
