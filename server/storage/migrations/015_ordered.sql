-- In an ordered lane due_at keeps a delivery's place in the queue, so the time of its next attempt stands apart; null
-- elsewhere, where due_at is that time.
alter table delivery add column retry_at bigint;
