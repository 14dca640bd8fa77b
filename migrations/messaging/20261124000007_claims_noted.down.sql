-- Nobody holds anything any more: what was in work is claimed again.
drop view messaging.in_work;
drop table messaging.claims;
comment on column messaging.inbound_events.attempt_count is
    'Raised by the claim, so that an event that kills workers runs out of attempts too.';
comment on column messaging.inbound_events.claim_token is 'Fresh for every claim; finish, retry and bury must show it.';
