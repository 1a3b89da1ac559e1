-- Requests counted per token and window, in the form that rate-limiter-flexible asks for. Unused on SQLite, whose one process
-- counts in memory.
create table rate_limit (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
