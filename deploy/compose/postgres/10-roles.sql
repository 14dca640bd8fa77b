-- The logins of the compose stack, made once with the database. What each may do, `db-migrate roles` says.
-- The passwords are for development: the database is reachable from this machine alone.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['mailroom_owner', 'mailroom_gateway', 'mailroom_worker', 'mailroom_reader'] loop
        execute format('create role %I login password ''development-only''', wanted);
        execute format('alter role %I set idle_in_transaction_session_timeout = ''10s''', wanted);
    end loop;
end
$$;

alter database mailroom owner to mailroom_owner;

-- Prometheus' view of the server; reads statistics and no data.
create role mailroom_monitor login password 'development-only' in role pg_monitor;
create extension pg_stat_statements;
