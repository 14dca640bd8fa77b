-- Where events, conversations or messages of the newer channels and kinds are there, this fails and undoes nothing:
-- whoever goes back has to decide what becomes of them. Statuses, files and conflicting duplicates are lost.

drop table messaging.request_tokens;
drop table messaging.conflicting_duplicates;
drop table messaging.files;
drop table messaging.message_status_history;

alter table messaging.inbound_events
    drop constraint inbound_events_channel_check,
    add constraint inbound_events_channel_check check (channel in ('sms', 'mms', 'email')),
    drop constraint inbound_events_kind_check,
    add constraint inbound_events_kind_check check (kind in ('message', 'status')),
    drop column headers;

alter table messaging.conversations
    drop constraint conversations_channel_check,
    add constraint conversations_channel_check check (channel in ('sms', 'mms', 'email'));

alter table messaging.messages
    drop constraint messages_channel_check,
    add constraint messages_channel_check check (channel in ('sms', 'mms', 'email')),
    drop column email,
    drop column provider,
    drop column provider_message_id,
    drop column file_count;

comment on column messaging.messages.status is null;
