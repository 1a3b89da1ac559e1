-- By the time in the delivery's id, which the primary key has: a look-up goes to one table, and what is past its retention is
-- dropped whole (storage/attempt-days.ts). What was there before, and what has no day yet, stands in attempt_rest.
alter table attempt rename to attempt_before;
alter table attempt_before rename constraint attempt_pkey to attempt_before_pkey;
create table attempt (like attempt_before) partition by range (delivery_id);
alter table attempt add primary key (team_id, delivery_id, number);
create table attempt_rest partition of attempt default;
insert into attempt select * from attempt_before;
drop table attempt_before;
