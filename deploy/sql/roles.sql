-- The roles of mailroom's programs, each with the least that its program needs. Applied by `db-migrate roles`, or by hand
-- with `psql --single-transaction -v ON_ERROR_STOP=1 -f`; it may be applied again at any time, and is after each upgrade.
--
--   mailroom_owner    owns the schemas: `db-migrate`
--   mailroom_gateway  records events, reads conversations
--   mailroom_worker   turns events into messages; operators' tools
--   mailroom_reader   reads conversations and how much waits: applications, dashboards, the autoscaler
--
-- A release is rolled out with the one before still at work: a right that only that one needs is taken away a release later.
--
-- The roles are made without login and without password. Whoever runs the server gives them both:
--   alter role mailroom_gateway login;  \password mailroom_gateway
-- Making roles needs CREATEROLE; where they are there already, the owner of the schemas can apply the rest.

do $$
declare
    wanted text;
begin
    foreach wanted in array array['mailroom_owner', 'mailroom_gateway', 'mailroom_worker', 'mailroom_reader'] loop
        continue when to_regrole(wanted) is not null;
        begin
            execute format('create role %I nologin', wanted);
        exception when duplicate_object or unique_violation then
            -- Roles belong to the server: somebody made it at this moment, for another of its databases.
            null;
        end;
    end loop;
end
$$;

-- For this database, so that roles of a server with several can be settled for each at the same time. Settings are not handed on
-- to members of a role: who logs in by another name needs them too.
do $$
declare
    setting record;
begin
    for setting in
        -- A transaction that was left open holds up whoever cleans up; none of ours is idle for long.
        select r.name as role, 'idle_in_transaction_session_timeout' as name, '10s' as value
        from unnest(array['mailroom_owner', 'mailroom_gateway', 'mailroom_worker', 'mailroom_reader']) as r (name)
        -- What a worker asks for itself, unless a pooler is between that passes no settings on.
        union all values
            ('mailroom_worker', 'plan_cache_mode', 'force_custom_plan'),
            ('mailroom_worker', 'enable_seqscan', 'off'),
            ('mailroom_worker', 'jit', 'off')
    loop
        continue when exists (
            select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
            where d.datname = current_database() and s.setrole = to_regrole(setting.role)
                and format('%s=%s', setting.name, setting.value) = any (s.setconfig));
        begin
            execute format(
                'alter role %I in database %I set %I = %L', setting.role, current_database(), setting.name, setting.value);
        exception when insufficient_privilege then
            raise notice 'this login may not set % of %: somebody with CREATEROLE has to apply this once',
                setting.name, setting.role;
        end;
    end loop;
end
$$;

do $$
declare
    wanted text;
begin
    foreach wanted in array array['mailroom_owner', 'mailroom_gateway', 'mailroom_worker', 'mailroom_reader'] loop
        if not has_database_privilege(wanted, current_database(), 'connect') then
            execute format('grant connect on database %I to %I', current_database(), wanted);
        end if;
    end loop;
    if not has_database_privilege('mailroom_owner', current_database(), 'create') then
        execute format('grant create on database %I to mailroom_owner', current_database());
    end if;
    -- Who may not grant is only warned.
    if not has_database_privilege('mailroom_owner', current_database(), 'create') then
        raise insufficient_privilege using message =
            'mailroom_owner may make no schema in this database, and only the database''s owner or a superuser can let it';
    end if;
end
$$;

-- Nothing that was granted before and is not granted below stays.
do $$
declare
    found_schema text;
begin
    for found_schema in select nspname from pg_namespace where nspname in ('messaging', 'directory', 'mailbox') loop
        execute format(
            'revoke all on all tables in schema %1$I from public, mailroom_gateway, mailroom_worker, mailroom_reader;
             revoke all on all sequences in schema %1$I from public, mailroom_gateway, mailroom_worker, mailroom_reader;
             revoke all on all functions in schema %1$I from public, mailroom_gateway, mailroom_worker, mailroom_reader;
             revoke all on schema %1$I from public, mailroom_gateway, mailroom_worker, mailroom_reader',
            found_schema);
    end loop;
end
$$;

-- `directory` and `mailbox` are the owner's alone: no program reads them yet.
do $$
begin
    if to_regnamespace('messaging') is null then
        raise notice 'there is no schema messaging here yet: the roles are made; apply this again after db-migrate up';
        return;
    end if;

    grant usage on schema messaging to mailroom_gateway, mailroom_worker, mailroom_reader;
    grant select on messaging.schema_migrations to mailroom_gateway, mailroom_worker;
    grant select on
        messaging.conversations, messaging.conversation_counts, messaging.messages,
        messaging.message_status_history, messaging.files
        to mailroom_gateway, mailroom_worker, mailroom_reader;

    -- Recording. The gateway writes events down and never reads what is in them; the worker does, when it finds in one that
    -- was put aside what the release before could not read.
    grant usage on sequence messaging.arrivals to mailroom_gateway, mailroom_worker;
    grant insert,
        select (lane, id, channel, provider_message_id, body_hash, duplicates, updated_at),
        update (duplicates, updated_at)
        on messaging.inbound_events to mailroom_gateway, mailroom_worker;
    grant insert,
        select (lane, event_id, body_hash, received_at),
        update (received_at)
        on messaging.conflicting_duplicates to mailroom_gateway, mailroom_worker;
    -- The gateway remembers tokens, the worker forgets them.
    grant select, insert, update on messaging.request_tokens to mailroom_gateway;
    grant select, update (seen_at), delete on messaging.request_tokens to mailroom_worker;

    -- The worker changes an event's state and never what was received, and takes none away.
    grant select,
        update (status, attempt_count, next_attempt_at, processor_id, claim_token, claimed_at, error_code, error_message,
                processed_at, discarded_at, discarded_reason)
        on messaging.inbound_events to mailroom_worker;
    grant select, insert, update, delete on messaging.claims, messaging.workers, messaging.pauses to mailroom_worker;
    grant select, update on messaging.lanes to mailroom_worker;
    grant insert, update on messaging.conversations, messaging.conversation_counts to mailroom_worker;
    grant insert on
        messaging.messages, messaging.message_status_history, messaging.files, messaging.operator_actions
        to mailroom_worker;
    grant select on messaging.conflicting_duplicates, messaging.operator_actions, messaging.in_work to mailroom_worker;

    grant execute on function messaging.work_waiting() to mailroom_worker, mailroom_reader;
end
$$;
