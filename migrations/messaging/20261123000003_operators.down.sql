-- Events set aside for a pause: nobody would bring them back any more.
update messaging.inbound_events set next_attempt_at = now()
where status = 'error' and next_attempt_at = 'infinity';

drop table messaging.operator_actions;
drop table messaging.pauses;
alter table messaging.inbound_events
    drop constraint discarded_is_dead_and_explained,
    drop column discarded_reason,
    drop column discarded_at;
