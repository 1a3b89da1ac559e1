-- Each a JSON text or null. allowed_ips: the only addresses that may be reached. credentials: what Authorization is made of.
-- client_certificate: what the receiver knows the sender by.
alter table endpoint add column allowed_ips text;
alter table endpoint add column credentials text;
alter table endpoint add column client_certificate text;
