-- When the server disabled the endpoint; null when it did not.
alter table endpoint add column disabled_at bigint;
