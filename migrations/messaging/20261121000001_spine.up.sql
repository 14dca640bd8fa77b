-- What came in, what became of it, and who works on it. Rules of the house (docs/adr/0004-lanes.md):
-- `lane` leads every key; an id carries its lane in its first byte, so a row is found by id alone without
-- asking every lane; no triggers, no extensions; PostgreSQL 15.

create sequence messaging.arrivals;
comment on sequence messaging.arrivals is
    'The order of arrival. It has gaps and is not the order of commits; nothing relies on either.';

create table messaging.inbound_events (
    lane                 smallint    not null check (lane between 0 and 255),
    id                   uuid        not null check (get_byte(uuid_send(id), 0) = lane),
    arrival              bigint      not null,
    channel              text        not null check (channel in ('sms', 'mms', 'email')),
    provider             text        not null check (provider <> ''),
    endpoint             text        not null check (endpoint <> ''),
    kind                 text        not null check (kind in ('message', 'status')),
    sender               text        not null,
    recipient            text        not null,
    conversation_key     text        not null check (conversation_key <> ''),
    provider_message_id  text        not null check (provider_message_id <> ''),
    payload              jsonb,
    payload_bytes        bytea       check (octet_length(payload_bytes) <= 262144),
    body_hash            bytea       not null check (octet_length(body_hash) = 32),
    duplicates           integer     not null default 0 check (duplicates >= 0),
    status               text        not null default 'received'
        check (status in ('received', 'processing', 'processed', 'error', 'dead_letter')),
    attempt_count        integer     not null default 0 check (attempt_count >= 0),
    next_attempt_at      timestamptz,
    processor_id         uuid,
    claim_token          uuid,
    claimed_at           timestamptz,
    error_code           text,
    error_message        text        check (octet_length(error_message) <= 2048),
    trace_context        text        check (octet_length(trace_context) <= 256),
    created_at           timestamptz not null default now(),
    updated_at           timestamptz not null default now(),
    processed_at         timestamptz,
    primary key (lane, id),
    constraint payload_is_kept_once check (num_nonnulls(payload, payload_bytes) = 1),
    constraint claimed_iff_processing check (
        (status = 'processing') = (claim_token is not null)
        and num_nonnulls(processor_id, claim_token, claimed_at) in (0, 3)),
    constraint finished_iff_processed check ((status = 'processed') = (processed_at is not null)),
    constraint due_iff_error check ((status = 'error') = (next_attempt_at is not null)),
    constraint failed_has_a_cause check (status not in ('error', 'dead_letter') or error_code is not null),
    constraint attempts_follow_status check (status in ('received', 'dead_letter') or attempt_count > 0)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- Exactly once. Global on one PostgreSQL; where the table is distributed, lane joins it.
create unique index inbound_events_provider_message
    on messaging.inbound_events (channel, provider_message_id);
-- The claim: each lane's next events, in line.
create index inbound_events_claimable
    on messaging.inbound_events (lane, arrival) where status = 'received';
-- Whatever holds its conversation back, and what a takeover has to reap.
create index inbound_events_open
    on messaging.inbound_events (lane, conversation_key, arrival) where status in ('processing', 'error');
-- Retries that fall due.
create index inbound_events_due
    on messaging.inbound_events (lane, next_attempt_at) where status = 'error';
-- What an operator has to look at.
create index inbound_events_dead
    on messaging.inbound_events (lane, arrival) where status = 'dead_letter';

comment on table messaging.inbound_events is 'What providers delivered, written down once, and how far it has come.';
comment on column messaging.inbound_events.arrival is 'Place in line: effects within a conversation happen in this order.';
comment on column messaging.inbound_events.payload is 'What was received, redacted; null when jsonb cannot hold it.';
comment on column messaging.inbound_events.payload_bytes is 'What was received, when jsonb cannot hold it (NUL escapes, lone surrogates, broken JSON).';
comment on column messaging.inbound_events.body_hash is 'SHA-256 of the received bytes: tells a redelivery from a conflict.';
comment on column messaging.inbound_events.duplicates is 'Redeliveries seen. Writing it makes a duplicate wait for replication as its first did.';
comment on column messaging.inbound_events.attempt_count is 'Raised by the claim, so that an event that kills workers runs out of attempts too.';
comment on column messaging.inbound_events.claim_token is 'Fresh for every claim; finish, retry and bury must show it.';
comment on column messaging.inbound_events.trace_context is 'W3C traceparent of the request that brought it.';

create table messaging.conversations (
    lane              smallint    not null check (lane between 0 and 255),
    id                uuid        not null check (get_byte(uuid_send(id), 0) = lane),
    key               text        not null,
    channel           text        not null check (channel in ('sms', 'mms', 'email')),
    participant_a     text        not null,
    participant_b     text        not null,
    message_count     bigint      not null check (message_count > 0),
    last_activity_at  timestamptz not null,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    primary key (lane, id),
    constraint conversations_key unique (lane, key),
    constraint participants_in_order check (participant_a <= participant_b collate "C")
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

create index conversations_by_activity on messaging.conversations (last_activity_at desc, id);

comment on table messaging.conversations is 'Who talks with whom on which channel; direction does not matter.';
comment on column messaging.conversations.last_activity_at is 'The largest timestamp of its messages, so late arrivals do no harm.';

create table messaging.messages (
    lane             smallint    not null check (lane between 0 and 255),
    id               uuid        not null check (get_byte(uuid_send(id), 0) = lane),
    conversation_id  uuid        not null,
    event_id         uuid        not null,
    arrival          bigint      not null,
    direction        text        not null check (direction in ('inbound', 'outbound')),
    channel          text        not null check (channel in ('sms', 'mms', 'email')),
    sender           text        not null,
    recipient        text        not null,
    body             text        not null,
    snippet          text        not null,
    attachments      jsonb       check (jsonb_typeof(attachments) = 'array'),
    status           text        not null check (status in ('pending', 'sent', 'delivered', 'read', 'failed')),
    "timestamp"      timestamptz not null,
    created_at       timestamptz not null default now(),
    primary key (lane, id),
    constraint messages_once_per_event unique (lane, event_id),
    constraint messages_conversation foreign key (lane, conversation_id)
        references messaging.conversations (lane, id)
);

create index messages_by_time on messaging.messages (lane, conversation_id, "timestamp", arrival);

comment on table messaging.messages is 'What an event became.';
comment on column messaging.messages.sender is 'The address as it was sent; grouping uses the normalised one in the conversation.';

create table messaging.lanes (
    lane         smallint primary key check (lane between 0 and 255),
    owner        uuid,
    token        uuid,
    lease_until  timestamptz,
    constraint owned_or_free check (num_nonnulls(owner, token, lease_until) in (0, 3))
) with (fillfactor = 25);

insert into messaging.lanes (lane) select generate_series(0, 255);

comment on table messaging.lanes is 'Which worker tends which lane, until when by the clock of the database.';

create table messaging.workers (
    id           uuid        primary key,
    lease_until  timestamptz not null,
    started_at   timestamptz not null default now()
) with (fillfactor = 50);

comment on table messaging.workers is 'Workers alive: a fair share of lanes is lanes by workers.';
