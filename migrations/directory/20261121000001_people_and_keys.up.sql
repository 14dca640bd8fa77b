-- Who uses mailroom and with what it may connect. No secret is kept in the clear: credentials are sealed,
-- tokens and keys are kept as hashes. No triggers, no extensions; PostgreSQL 15. Nothing outside this
-- schema is referred to, so that it can live in a database of its own.

create table directory.users (
    id            uuid        primary key default gen_random_uuid(),
    display_name  text        not null check (display_name <> '' and octet_length(display_name) <= 512),
    email         text        check (email <> '' and email = lower(email) and octet_length(email) <= 320),
    disabled_at   timestamptz,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    constraint users_email unique (email)
);

comment on table directory.users is 'People who sign in, or on whose behalf messages are read and sent.';
comment on column directory.users.email is 'Lower-cased; null for somebody known by an external identity only.';
comment on column directory.users.disabled_at is 'Since when the user may no longer sign in; null while allowed.';

create table directory.external_identities (
    id          uuid        primary key default gen_random_uuid(),
    user_id     uuid        not null references directory.users (id) on delete cascade,
    provider    text        not null check (provider <> '' and octet_length(provider) <= 64),
    subject     text        not null check (subject <> '' and octet_length(subject) <= 512),
    created_at  timestamptz not null default now(),
    constraint external_identities_subject unique (provider, subject)
);

create index external_identities_user on directory.external_identities (user_id);

comment on table directory.external_identities is 'Under which name a provider knows a user (an OAuth subject, a phone number, a chat id).';
comment on column directory.external_identities.subject is 'The stable id that the provider gives, never a display name.';

create table directory.channel_configurations (
    id                  uuid        primary key default gen_random_uuid(),
    provider            text        not null check (provider <> '' and octet_length(provider) <= 64),
    endpoint            text        not null check (endpoint <> '' and octet_length(endpoint) <= 128),
    settings            jsonb       not null default '{}' check (jsonb_typeof(settings) = 'object'),
    sealed_credentials  bytea       not null check (octet_length(sealed_credentials) between 1 and 65536),
    sealing_key_id      text        not null check (sealing_key_id <> '' and octet_length(sealing_key_id) <= 128),
    enabled             boolean     not null default true,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    constraint channel_configurations_endpoint unique (provider, endpoint)
);

comment on table directory.channel_configurations is 'How each endpoint of a provider is reached and verified.';
comment on column directory.channel_configurations.endpoint is 'The last part of the webhook path, as in /webhooks/{provider}/{endpoint}.';
comment on column directory.channel_configurations.settings is 'What is not secret, and only that.';
comment on column directory.channel_configurations.sealed_credentials is 'Encrypted and authenticated before it comes here, bound to provider and endpoint; never plain.';
comment on column directory.channel_configurations.sealing_key_id is 'Which key sealed it, so that keys can be changed one row at a time.';

create table directory.api_keys (
    id            uuid        primary key default gen_random_uuid(),
    user_id       uuid        references directory.users (id) on delete cascade,
    label         text        not null check (label <> '' and octet_length(label) <= 256),
    prefix        text        not null check (octet_length(prefix) between 8 and 32),
    key_hash      bytea       not null check (octet_length(key_hash) = 32),
    scopes        text[]      not null check (cardinality(scopes) > 0 and array_position(scopes, null) is null),
    created_at    timestamptz not null default now(),
    last_used_at  timestamptz,
    expires_at    timestamptz check (expires_at > created_at),
    revoked_at    timestamptz,
    constraint api_keys_prefix unique (prefix),
    constraint api_keys_hash unique (key_hash)
);

create index api_keys_user on directory.api_keys (user_id);

comment on table directory.api_keys is 'Keys of programs. The key itself is shown once and never stored.';
comment on column directory.api_keys.user_id is 'Whose key it is; null for a key of the installation.';
comment on column directory.api_keys.prefix is 'The public beginning of the key: finds the row and names the key in lists.';
comment on column directory.api_keys.key_hash is 'SHA-256 of the whole key.';

create table directory.sessions (
    id          uuid        primary key default gen_random_uuid(),
    user_id     uuid        not null references directory.users (id) on delete cascade,
    token_hash  bytea       not null check (octet_length(token_hash) = 32),
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null check (expires_at > created_at),
    revoked_at  timestamptz,
    constraint sessions_token unique (token_hash)
);

create index sessions_user on directory.sessions (user_id);
create index sessions_expiry on directory.sessions (expires_at);

comment on table directory.sessions is 'Who is signed in until when.';
comment on column directory.sessions.token_hash is 'SHA-256 of the token that the browser holds; the token is not stored.';

create table directory.usage_records (
    id           uuid        primary key default gen_random_uuid(),
    user_id      uuid        not null references directory.users (id) on delete cascade,
    kind         text        not null check (kind <> '' and octet_length(kind) <= 64),
    quantity     bigint      not null default 1 check (quantity > 0),
    recorded_at  timestamptz not null default now()
);

create index usage_records_window on directory.usage_records (user_id, kind, recorded_at);

comment on table directory.usage_records is 'One row for each use, so that a limit over any window is a count and not a counter to keep right.';
comment on column directory.usage_records.quantity is 'How many units this use counts for.';

create table directory.audit_logs (
    id           uuid        primary key default gen_random_uuid(),
    occurred_at  timestamptz not null default now(),
    actor        text        not null check (actor <> '' and octet_length(actor) <= 256),
    action       text        not null check (action <> '' and octet_length(action) <= 128),
    subject      text        not null check (subject <> '' and octet_length(subject) <= 256),
    detail       jsonb       not null default '{}'
        check (jsonb_typeof(detail) = 'object' and octet_length(detail::text) <= 16384)
);

create index audit_logs_by_time on directory.audit_logs (occurred_at desc, id);
create index audit_logs_by_subject on directory.audit_logs (subject, occurred_at desc);

comment on table directory.audit_logs is 'What was done by whom. Append-only: roles of programs are granted insert and select, never update, delete or truncate.';
comment on column directory.audit_logs.actor is 'user:<id>, key:<id> or process:<name>. An id and not a reference: the entry outlives its user.';
comment on column directory.audit_logs.subject is 'What was acted on, as kind:<id>.';
comment on column directory.audit_logs.detail is 'Ids, names of fields and counts; no addresses, no bodies, no secrets.';
