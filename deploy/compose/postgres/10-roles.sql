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
    -- As in deploy/sql/roles.sql, which the owner applies, who may not set what other roles begin with.
    alter role mailroom_worker set plan_cache_mode = 'force_custom_plan';
    alter role mailroom_worker set enable_seqscan = 'off';
    alter role mailroom_worker set jit = 'off';
end
$$;

alter database mailroom owner to mailroom_owner;

-- Prometheus' view of the server; reads statistics and no data.
create role mailroom_monitor login password 'development-only' in role pg_monitor;
create extension pg_stat_statements;
