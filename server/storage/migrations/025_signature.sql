-- How deliveries are signed where the dialect leaves a choice: JSON, or null for its usual way.
alter table endpoint add column signature text;
