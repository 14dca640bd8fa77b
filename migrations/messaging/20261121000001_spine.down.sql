drop table messaging.workers;
drop table messaging.lanes;
drop table messaging.messages;
drop table messaging.conversations;
drop table messaging.inbound_events;
drop sequence messaging.arrivals;
