-- Looks at the rows that were there before, while others go on writing.

alter table messaging.inbound_events validate constraint inbound_events_channel_check;
alter table messaging.inbound_events validate constraint inbound_events_kind_check;
alter table messaging.inbound_events validate constraint inbound_events_headers_check;
alter table messaging.conversations validate constraint conversations_channel_check;
alter table messaging.messages validate constraint messages_channel_check;
alter table messaging.messages validate constraint messages_email_check;
alter table messaging.messages validate constraint messages_named_wholly;
alter table messaging.messages validate constraint messages_file_count_check;
