-- Not worth a write to the log: what is lost with it is a minute's counts.
alter table rate_limit set unlogged;
