-- Which mailbox a message goes to. The most delicate table of the house: it ties a message to a person.
-- It stands alone, so that it can have a database, a role and credentials of its own; the gateway's role is
-- granted nothing here.

create table mailbox.message_mailboxes (
    message_id      uuid        primary key,
    mailbox_handle  text        not null check (mailbox_handle <> '' and octet_length(mailbox_handle) <= 512),
    created_at      timestamptz not null default now()
);

comment on table mailbox.message_mailboxes is 'Message to mailbox: written once, looked up by message only.';
comment on column mailbox.message_mailboxes.message_id is 'The id of a message. Not a reference: the message lives in another schema, perhaps in another database.';
comment on column mailbox.message_mailboxes.mailbox_handle is 'The handle that the mailbox operator gave. Personal data: never logged, and not indexed, so that nobody is looked up by it.';
