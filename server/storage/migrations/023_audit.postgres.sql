create function audit_refuses() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end $$;
create trigger audit_keeps_rows before update or delete on audit for each row execute function audit_refuses();
create trigger audit_keeps_all before truncate on audit for each statement execute function audit_refuses();
