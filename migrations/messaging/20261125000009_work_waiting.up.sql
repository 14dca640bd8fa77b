-- How much waits for workers, as one number for an autoscaler: what asks needs no right to read an event.

create function messaging.work_waiting() returns bigint
language sql stable security definer set search_path = ''
as $$
    select (select count(*) from (select from messaging.inbound_events where status = 'received' limit 100000) r)
         + (select count(*) from (
                select from messaging.lanes l
                join messaging.inbound_events e on e.lane = l.lane
                where e.status = 'error' and e.next_attempt_at <= now() limit 100000) e)
         + (select count(*) from (select from messaging.inbound_events where status = 'processing' limit 100000) p)
$$;

revoke execute on function messaging.work_waiting() from public;

comment on function messaging.work_waiting() is
    'Events that are due or in work; each kind is counted up to 100,000. Who is parked or waits for a retry does not count.';
