-- What is in work is noted beside the events and not in them: a claim reads rows and writes one, and an event that goes
-- through at once is written twice in its life, when it is recorded and when it is finished (docs/adr/0024-noted-claims.md).

create table messaging.claims (
    token       uuid        primary key,
    worker      uuid        not null,
    lanes       smallint[]  not null check (cardinality(lanes) > 0),
    events      uuid[]      not null,
    claimed_at  timestamptz not null default now()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- Random bytes: trying to compress them costs more than writing them.
alter table messaging.claims alter column events set storage external;

comment on table messaging.claims is
    'What workers have in work. What settles events must show the token, and find the lanes still its worker''s.';
comment on column messaging.claims.lanes is 'The lanes of its events.';
comment on column messaging.claims.events is
    'What was claimed, save what was put aside or given back since. What of it is finished tells its own status.';
create view messaging.in_work as
select e.lane, e.id, e.arrival, e.conversation_key, e.status, c.token, c.worker, c.claimed_at
from messaging.claims c
cross join unnest(c.events) as noted(id)
join messaging.inbound_events e on e.lane = get_byte(uuid_send(noted.id), 0) and e.id = noted.id
-- As an expression, lest an id is looked up in the index of the line.
where e.status || '' in ('received', 'error');

comment on view messaging.in_work is 'What is noted, and not finished.';

comment on column messaging.inbound_events.attempt_count is
    'How often it was tried to an end, or was in hand when its worker vanished: so an event that kills workers runs out of '
    'attempts too.';
comment on column messaging.inbound_events.claim_token is 'Of a claim by a release that still writes claims into events.';
