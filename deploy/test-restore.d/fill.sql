-- Rows of an older time, for restores to have something to carry: :events events that have become messages, in 256
-- conversations by e-mail. :part tells one filling from another.
begin;
create temporary table filler on commit drop as
select n, (n % 256)::smallint as lane, nextval('messaging.arrivals') as arrival,
    set_byte(uuid_send(gen_random_uuid()), 0, (n % 256)::integer) as id,
    (select string_agg(md5(n::text || i || :'part'), ' ') from generate_series(1, 12) i) as body
from generate_series(1, :events) n;
alter table filler alter column id type uuid using encode(id, 'hex')::uuid;

insert into messaging.inbound_events (lane, id, arrival, channel, provider, endpoint, kind, sender, recipient,
    conversation_key, provider_message_id, payload, body_hash, status, attempt_count, processed_at)
select lane, id, arrival, 'email', 'direct', 'direct', 'message', 'filler' || lane || '@mail.example', 'us@mail.example',
    'email:filler' || lane || '@mail.example<->us@mail.example', 'filler-' || :'part' || '-' || n,
    jsonb_build_object('from', 'filler', 'body', body), sha256(body::bytea), 'processed', 1, now()
from filler;

with conversation as (
    insert into messaging.conversations (lane, id, key, channel, participant_a, participant_b, message_count, last_activity_at)
    select lane, encode(set_byte(uuid_send(gen_random_uuid()), 0, lane), 'hex')::uuid,
        'email:filler' || lane || '@mail.example<->us@mail.example', 'email',
        'filler' || lane || '@mail.example', 'us@mail.example', count(*), '2025-01-01'
    from filler group by lane
    on conflict (lane, key) do update
        set message_count = conversations.message_count + excluded.message_count
    returning lane, id, xmax = 0 as added
), counted as (
    insert into messaging.conversation_counts (lane, conversations)
    select lane, 1 from conversation where added
    on conflict (lane) do update set conversations = conversation_counts.conversations + 1
)
insert into messaging.messages (lane, id, conversation_id, event_id, arrival, direction, channel, sender, recipient,
    body, snippet, status, "timestamp")
select f.lane, f.id, c.id, f.id, f.arrival, 'inbound', 'email', 'filler' || f.lane || '@mail.example', 'us@mail.example',
    f.body, left(f.body, 64), 'delivered', '2025-01-01'
from filler f join conversation c using (lane);
commit;
