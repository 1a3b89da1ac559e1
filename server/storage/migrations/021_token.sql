-- mode: live | test. last_used_at is written at most once a minute.
alter table token add column mode text not null default 'live';
alter table token add column expires_at bigint;
alter table token add column last_used_at bigint;

-- The token that made an endpoint or a hook; null when it was the operator's.
alter table endpoint add column token_id text;
create index endpoint_by_token on endpoint (team_id, token_id) where token_id is not null;
