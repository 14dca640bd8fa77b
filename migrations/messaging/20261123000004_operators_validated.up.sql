-- Looks at the rows that were there before, while others go on writing.

alter table messaging.inbound_events validate constraint discarded_is_dead_and_explained;
