-- no-transaction
drop index concurrently messaging.inbound_events_processing;
