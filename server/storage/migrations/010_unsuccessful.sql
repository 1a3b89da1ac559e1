-- Finds what may be retried in bulk: only what ended without success is in it, so it is small and what is delivered costs
-- nothing here.
create index delivery_unsuccessful on delivery (team_id, status, id) where status in ('dead', 'cancelled');
