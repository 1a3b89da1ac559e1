-- The master keys that secrets in this database are sealed under: a name, and a known text sealed under the key, which tells a
-- process whether its key is the right one.
create table vault_key (
  id text primary key,
  proof text not null,
  created_at bigint not null
);
