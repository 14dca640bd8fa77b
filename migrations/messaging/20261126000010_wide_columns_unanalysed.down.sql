alter table messaging.messages
    alter column email set statistics -1,
    alter column attachments set statistics -1,
    alter column snippet set statistics -1,
    alter column body set statistics -1;
alter table messaging.inbound_events
    alter column trace_context set statistics -1,
    alter column body_hash set statistics -1,
    alter column headers set statistics -1,
    alter column payload_bytes set statistics -1,
    alter column payload set statistics -1;
