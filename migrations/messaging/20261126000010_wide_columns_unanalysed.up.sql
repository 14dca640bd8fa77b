-- Nothing asks for these by value. To tell how their values are spread, an analysis sorted up to 30,000 of each: most of what
-- it cost, and it comes once a minute while events do.
alter table messaging.inbound_events
    alter column payload set statistics 0,
    alter column payload_bytes set statistics 0,
    alter column headers set statistics 0,
    alter column body_hash set statistics 0,
    alter column trace_context set statistics 0;
alter table messaging.messages
    alter column body set statistics 0,
    alter column snippet set statistics 0,
    alter column attachments set statistics 0,
    alter column email set statistics 0;
