-- What operators do: discard dead letters, pause and resume, and an account of all of it. Only what takes a moment: the
-- constraint that must look at every row is not asked to until the next migration.

alter table messaging.inbound_events
    add column discarded_at timestamptz,
    add column discarded_reason text,
    add constraint discarded_is_dead_and_explained check (
        num_nonnulls(discarded_at, discarded_reason) in (0, 2)
        and (discarded_at is null or status = 'dead_letter')) not valid;

comment on column messaging.inbound_events.discarded_at is
    'When an operator said that this dead letter needs nothing more. It stays, and can still be replayed.';

create table messaging.pauses (
    provider   text        primary key check (provider <> '' and octet_length(provider) <= 200),
    paused_at  timestamptz not null default now(),
    actor      text        not null check (actor <> '' and octet_length(actor) <= 200),
    reason     text        not null check (reason <> '' and octet_length(reason) <= 2000)
);

comment on table messaging.pauses is 'What workers leave alone until an operator says otherwise.';
comment on column messaging.pauses.provider is 'Whose events; * for everybody''s.';

create table messaging.operator_actions (
    id       uuid        primary key default gen_random_uuid(),
    command  uuid        not null,
    at       timestamptz not null default now(),
    actor    text        not null check (actor <> '' and octet_length(actor) <= 200),
    action   text        not null check (action in ('replay', 'discard', 'pause', 'resume')),
    filter   jsonb       not null check (jsonb_typeof(filter) = 'object'),
    count    bigint      not null check (count > 0),
    reason   text        check (reason <> '' and octet_length(reason) <= 2000)
);

create index operator_actions_by_command on messaging.operator_actions (command, at);

comment on table messaging.operator_actions is
    'What operators did, written in the transaction that did it. Rows are added and never changed.';
comment on column messaging.operator_actions.command is
    'One call of a command: a replay of many leaves a row for each batch.';
comment on column messaging.operator_actions.count is 'How many events, or pauses, it touched.';
