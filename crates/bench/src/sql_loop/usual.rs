//! As applications write their tables: UUIDs made by the database for keys, a provider's id once for each channel, and the
//! indexes that reading wants: what is due, a conversation's messages, conversations by their last activity.

use super::Script;

pub(super) const SCRIPT: Script = Script {
    tables: "
    drop schema if exists sql_loop cascade;
    create schema sql_loop;
    create table sql_loop.events (
        id uuid primary key default gen_random_uuid(), channel text not null, conversation text not null, payload jsonb not null,
        status text not null default 'received', attempts int not null default 0, next_attempt_at timestamptz not null,
        provider_message_id text not null, created_at timestamptz not null default now(), updated_at timestamptz,
        unique (channel, provider_message_id)
    ) with (fillfactor = 80);
    create index on sql_loop.events (status, next_attempt_at);
    create table sql_loop.conversations (
        id uuid primary key default gen_random_uuid(), key text not null unique, messages bigint not null,
        last_activity_at timestamptz not null
    ) with (fillfactor = 70);
    create index on sql_loop.conversations (last_activity_at desc);
    create table sql_loop.messages (
        id uuid primary key default gen_random_uuid(), conversation_id uuid not null references sql_loop.conversations,
        event_id uuid not null unique, sender text not null, recipient text not null, body text not null,
        sent_at timestamptz not null
    );
    create index on sql_loop.messages (conversation_id, sent_at desc)",
    fill: "
    insert into sql_loop.events (channel, conversation, payload, provider_message_id, next_attempt_at)
    select 'sms', 'sms:' || n % $2, jsonb_build_object('from', '+1555' || n % $2, 'to', '+15550199000', 'type', 'sms',
           'messaging_provider_id', 'e-' || n, 'timestamp', '2024-11-01T14:00:00Z'::timestamptz + n * interval '1 ms',
           'body', repeat('Your parcel is at the door. ', 30)),
           'e-' || n, '2024-11-01'::timestamptz + n * interval '1 ms'
    from generate_series(1, $1) n",
    claim: "
    update sql_loop.events set status = 'processing', attempts = attempts + 1, updated_at = now()
    where id in (
        select id from sql_loop.events where status = 'received' and next_attempt_at <= now()
        order by next_attempt_at limit $1 for update skip locked)
    returning id",
};
