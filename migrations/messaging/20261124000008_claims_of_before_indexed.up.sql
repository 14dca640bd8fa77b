-- no-transaction
-- What a worker of an earlier release has in work, which every reaping looks for: hardly ever anything.
create index concurrently inbound_events_processing on messaging.inbound_events (lane) where status = 'processing';
