-- Every provider: more channels and kinds, delivery statuses, files, e-mail, and what is delivered again with another
-- content. Only what takes a moment: constraints that must look at every row are not asked to until the next
-- migration, which does not keep writers out while it looks.

alter table messaging.inbound_events
    drop constraint inbound_events_channel_check,
    add constraint inbound_events_channel_check check (
        channel in ('sms', 'mms', 'email', 'whatsapp', 'telegram', 'slack', 'webhook')) not valid,
    drop constraint inbound_events_kind_check,
    add constraint inbound_events_kind_check check (kind in ('message', 'status', 'notice', 'quarantined')) not valid,
    add column headers jsonb,
    add constraint inbound_events_headers_check check (jsonb_typeof(headers) = 'object') not valid;

comment on column messaging.inbound_events.headers is 'The headers of the request that reading the payload needs; names in lower case.';

alter table messaging.conversations
    drop constraint conversations_channel_check,
    add constraint conversations_channel_check check (
        channel in ('sms', 'mms', 'email', 'whatsapp', 'telegram', 'slack', 'webhook')) not valid;

alter table messaging.messages
    drop constraint messages_channel_check,
    add constraint messages_channel_check check (
        channel in ('sms', 'mms', 'email', 'whatsapp', 'telegram', 'slack', 'webhook')) not valid,
    add column email jsonb,
    add constraint messages_email_check check (jsonb_typeof(email) = 'object') not valid,
    add column provider text,
    add column provider_message_id text,
    add constraint messages_named_wholly check (
        num_nonnulls(provider, provider_message_id) in (0, 2) and provider <> '' and provider_message_id <> '') not valid,
    add column file_count smallint not null default 0,
    add constraint messages_file_count_check check (file_count >= 0) not valid;

comment on column messaging.messages.status is 'What it was born with. How far it got since is in message_status_history.';
comment on column messaging.messages.email is 'What only an e-mail has: subject, HTML, thread, headers.';
comment on column messaging.messages.provider_message_id is 'The id by which its provider speaks of it in statuses.';
comment on column messaging.messages.file_count is 'How many rows of it there are in files.';

create table messaging.message_status_history (
    lane                 smallint    not null check (lane between 0 and 255),
    event_id             uuid        not null check (get_byte(uuid_send(event_id), 0) = lane),
    arrival              bigint      not null,
    provider             text        not null check (provider <> ''),
    provider_message_id  text        not null check (provider_message_id <> ''),
    status               text        not null check (status in ('pending', 'sent', 'delivered', 'read', 'failed')),
    word                 text        not null,
    error_code           text,
    occurred_at          timestamptz not null,
    recorded_at          timestamptz not null default now(),
    primary key (lane, event_id)
) with (autovacuum_analyze_scale_factor = 0.02);

create index message_status_history_of_message
    on messaging.message_status_history (lane, provider, provider_message_id, arrival);

comment on table messaging.message_status_history is
    'What providers told of how far messages got; rows are added and never changed. The status of a message is the '
    'merge of the one it was born with and all that stand here (pending < sent < failed < delivered < read), so their '
    'order, their repetition, and whether they came before the message can not matter.';
comment on column messaging.message_status_history.lane is
    'The lane of the line of its own in which statuses of this message stand: providers that tell a status do not tell '
    'the conversation. It follows from provider and provider_message_id.';
comment on column messaging.message_status_history.word is 'The provider''s own word for it.';

create table messaging.files (
    lane                smallint    not null check (lane between 0 and 255),
    id                  uuid        not null check (get_byte(uuid_send(id), 0) = lane),
    message_id          uuid        not null,
    position            smallint    not null check (position >= 0),
    name                text,
    content_type        text,
    size_bytes          bigint      check (size_bytes >= 0),
    url                 text,
    provider_reference  text,
    payload_pointer     text,
    sha256              bytea       check (octet_length(sha256) = 32),
    created_at          timestamptz not null default now(),
    primary key (lane, id),
    constraint files_in_order unique (lane, message_id, position),
    constraint files_message foreign key (lane, message_id) references messaging.messages (lane, id),
    constraint files_are_in_one_place check (num_nonnulls(url, provider_reference, payload_pointer) <= 1)
) with (autovacuum_analyze_scale_factor = 0.02);

comment on table messaging.files is 'What was attached to messages. The content itself stays where it is.';
comment on column messaging.files.url is 'Given by whoever sent it; never fetched by mailroom itself.';
comment on column messaging.files.provider_reference is 'The provider''s own id for the content.';
comment on column messaging.files.payload_pointer is
    'JSON pointer to the content in the payload of the event, and # and the number of the part in a raw e-mail.';

create table messaging.conflicting_duplicates (
    lane           smallint    not null check (lane between 0 and 255),
    event_id       uuid        not null,
    body_hash      bytea       not null check (octet_length(body_hash) = 32),
    provider       text        not null check (provider <> ''),
    endpoint       text        not null check (endpoint <> ''),
    payload        jsonb,
    payload_bytes  bytea       check (octet_length(payload_bytes) <= 262144),
    headers        jsonb       check (jsonb_typeof(headers) = 'object'),
    trace_context  text        check (octet_length(trace_context) <= 256),
    received_at    timestamptz not null default now(),
    primary key (lane, event_id, body_hash),
    constraint conflicting_duplicates_event foreign key (lane, event_id)
        references messaging.inbound_events (lane, id),
    constraint conflict_is_kept_once check (num_nonnulls(payload, payload_bytes) = 1)
);

comment on table messaging.conflicting_duplicates is
    'What was delivered under the id of an event that stands, with another content. The first one counts; these are '
    'kept for whoever has to find out why, once for each content.';

create table messaging.request_tokens (
    lane          smallint    not null check (lane between 0 and 255),
    provider      text        not null check (provider <> ''),
    token_hash    bytea       not null check (octet_length(token_hash) = 32 and get_byte(token_hash, 0) = lane),
    content_hash  bytea       not null check (octet_length(content_hash) = 32),
    uses          integer     not null default 1 check (uses > 0),
    seen_at       timestamptz not null default now(),
    primary key (lane, provider, token_hash)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

comment on table messaging.request_tokens is
    'Tokens that providers sign once for each request: whether a request was seen before, and whether it said the same.';
comment on column messaging.request_tokens.lane is 'The first byte of the hash.';
comment on column messaging.request_tokens.content_hash is 'SHA-256 of what the first request with this token held.';
