//! The least that does it: numbers for keys, and no index that nothing asks for but the loop and a conversation's messages.

use super::Script;

pub(super) const SCRIPT: Script = Script {
    tables: "
    drop schema if exists sql_loop cascade;
    create schema sql_loop;
    create table sql_loop.events (
        id bigint primary key, conversation text not null, payload jsonb not null, status text not null default 'received',
        attempts int not null default 0, provider_message_id text not null unique, created_at timestamptz not null default now(),
        updated_at timestamptz
    ) with (fillfactor = 80);
    create index on sql_loop.events (id) where status = 'received';
    create table sql_loop.conversations (
        id bigint generated always as identity primary key, key text not null unique, messages bigint not null,
        last_activity_at timestamptz not null
    ) with (fillfactor = 70);
    create table sql_loop.messages (
        id bigint generated always as identity primary key, conversation_id bigint not null references sql_loop.conversations,
        event_id bigint not null unique, sender text not null, recipient text not null, body text not null,
        sent_at timestamptz not null
    );
    create index on sql_loop.messages (conversation_id, sent_at)",
    fill: "
    insert into sql_loop.events (id, conversation, payload, provider_message_id)
    select n, 'sms:' || n % $2, jsonb_build_object('from', '+1555' || n % $2, 'to', '+15550199000', 'type', 'sms',
           'messaging_provider_id', 'e-' || n, 'timestamp', '2024-11-01T14:00:00Z', 'body', repeat('Your parcel is at the door. ', 30)),
           'e-' || n
    from generate_series(1, $1) n",
    claim: "
    update sql_loop.events set status = 'processing', attempts = attempts + 1, updated_at = now()
    where id in (select id from sql_loop.events where status = 'received' order by id limit $1 for update skip locked)
    returning id",
};
