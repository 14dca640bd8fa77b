//! Finish: what events came to, and that they are done, in one statement and so in one transaction.

use std::time::Duration;

use mailroom_domain::{
    ClaimToken, Direction, Email, EventId, File, FileId, FilePlace, MessageStatus, SnippetLength,
    StatusChange,
};
use sqlx::types::Json;

use super::{
    each,
    effect::{Effect, Finishing, FinishingMessage},
};
use crate::{Connection, StoreError, split::Halving};

/// An event that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// The event.
    pub event: EventId,
    /// From recorded to visible, by the database's clock.
    pub since_recorded: Duration,
}

/// What became of a set.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Done. What was handed in and is neither here nor refused was no longer ours to finish (claim lost):
    /// nothing of it was kept.
    pub finished: Vec<Finished>,
    /// Refused by the database on their own, by index.
    pub refused: Vec<(usize, StoreError)>,
}

/// Writes messages with their files, conversations, the history of statuses and the end of all events, for those
/// events that the token's note still holds. A set that is refused is split until the poison event stands alone.
///
/// # Errors
/// [`StoreError::Unavailable`] when it is unknown what was written; the token keeps a second try harmless.
pub async fn finish(
    connection: &mut Connection,
    token: ClaimToken,
    snippet: SnippetLength,
    set: &[Finishing],
) -> Result<Outcome, StoreError> {
    let mut finished = Vec::with_capacity(set.len());
    let mut halving = Halving::new(set.len());
    while let Some(part) = halving.next_part() {
        match write(&mut *connection, token, snippet, &set[part.clone()]).await {
            Ok(rows) => finished.extend(rows),
            Err(error) => halving.failed(&part, error)?,
        }
    }
    Ok(Outcome {
        finished,
        refused: halving.into_refused(),
    })
}

/// Effects sorted by the table they go to, each with its event.
#[derive(Default)]
struct Sorted<'a> {
    messages: Vec<(EventId, &'a FinishingMessage)>,
    files: Vec<(EventId, i16, FileId, &'a File)>,
    statuses: Vec<(EventId, &'a StatusChange)>,
}

impl<'a> Sorted<'a> {
    fn new(set: &'a [Finishing]) -> Self {
        let mut sorted = Self::default();
        for Finishing { event, effect } in set {
            match effect {
                Effect::Message(message) => {
                    debug_assert_eq!(
                        message.files.len(),
                        message.content.files.len(),
                        "an id for each file"
                    );
                    sorted.messages.push((*event, message));
                    let files = message.files.iter().zip(&message.content.files);
                    sorted
                        .files
                        .extend((0..).zip(files).map(|(at, (id, file))| (*event, at, *id, file)));
                }
                Effect::Status(change) => sorted.statuses.push((*event, change)),
                Effect::Nothing => {}
            }
        }
        sorted
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one statement, with a line for each of its columns"
)]
async fn write(
    connection: &mut Connection,
    token: ClaimToken,
    snippet: SnippetLength,
    set: &[Finishing],
) -> Result<Vec<Finished>, StoreError> {
    let Sorted {
        messages,
        files,
        statuses,
    } = Sorted::new(set);
    // The note is locked first, as whoever reaps does.
    // Every effect is joined to the event that the statement ends: what is no longer ours has none. The planner guesses that
    // a single event is ended, and would go through all of a set for each of its rows: 43 ms for 500 of them. It cannot
    // where `ours` is a full join, which is never done row by row, of as many rows as are given; and ids and keys are
    // joined without their lanes, which follow from them, since it takes two conditions for twice as rare.
    // A conversation that has no other messages than these is new, and counted.
    let rows = sqlx::query!(
        r#"
        with held as materialized (
            select worker, events from messaging.claims where token = $3 for no key update
        ),
        ending as materialized (
            select lane, event_id
            from unnest($1::smallint[], $2::uuid[]) as g(lane, event_id)
            full join (select unnest(events) as event_id, true as is_held from held) h using (event_id)
            cross join lateral (
                select from messaging.lanes l join held on held.worker = l.owner
                where l.lane = g.lane
                limit 1
            ) tended
            where coalesce(is_held, false) and coalesce(g.lane, -1) >= 0
        ),
        finished as (
            update messaging.inbound_events e
            set status = 'processed', processed_at = now(), updated_at = now(), attempt_count = e.attempt_count + 1,
                next_attempt_at = null, error_code = null, error_message = null
            from ending g
            where e.lane = g.lane and e.id = g.event_id and e.status || '' in ('received', 'error')
            returning e.id as event_id, e.arrival, e.created_at
        ),
        ours as materialized (
            select event_id, f.arrival, f.created_at
            from ending full join finished f using (event_id)
            where coalesce(f.arrival, 0) > 0
        ),
        given as materialized (
            select * from unnest($4::smallint[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[],
                                 $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::jsonb[],
                                 $16::timestamptz[], $17::jsonb[], $18::text[], $19::text[], $20::smallint[])
                as g(lane, event_id, conversation_id, key, channel, participant_a, participant_b,
                     sender, recipient, body, snippet, attachments, sent_at, email, provider, provider_message_id,
                     file_count)
        ),
        heard as materialized (
            select lane, g.conversation_id, g.key, g.channel, g.participant_a, g.participant_b, count(*) as messages,
                   max(g.sent_at) as last_at
            from given g join ours using (event_id)
            group by lane, g.conversation_id, g.key, g.channel, g.participant_a, g.participant_b
        ),
        talk as (
            insert into messaging.conversations as c
                (lane, id, key, channel, participant_a, participant_b, message_count, last_activity_at, updated_at)
            select lane, conversation_id, key, channel, participant_a, participant_b, messages, last_at, now()
            from heard
            order by lane, key
            on conflict (lane, key) do update
                set message_count = c.message_count + excluded.message_count,
                    last_activity_at = greatest(c.last_activity_at, excluded.last_activity_at),
                    updated_at = excluded.updated_at
            returning id, key, message_count
        ),
        counted as (
            insert into messaging.conversation_counts as c (lane, conversations)
            select h.lane, count(*) from talk t join heard h using (key)
            where t.message_count = h.messages
            group by h.lane
            order by h.lane
            on conflict (lane) do update set conversations = c.conversations + excluded.conversations
        ),
        said as (
            insert into messaging.messages
                (lane, id, conversation_id, event_id, arrival, direction, channel, sender, recipient, body, snippet,
                 attachments, status, "timestamp", email, provider, provider_message_id, file_count)
            select lane, event_id, t.id, event_id, f.arrival, $21, g.channel, g.sender, g.recipient, g.body, g.snippet,
                   g.attachments, $22, g.sent_at, g.email, g.provider, g.provider_message_id, g.file_count
            from given g join ours f using (event_id) join talk t using (key)
            returning event_id
        ),
        attached as (
            insert into messaging.files
                (lane, id, message_id, position, name, content_type, size_bytes, url, provider_reference,
                 payload_pointer, sha256)
            select lane, g.id, event_id, g.position, g.name, g.content_type, g.size_bytes, g.url,
                   g.provider_reference, g.payload_pointer, g.sha256
            from unnest($23::smallint[], $24::uuid[], $25::smallint[], $26::uuid[], $27::text[], $28::text[], $29::bigint[],
                        $30::text[], $31::text[], $32::text[], $33::bytea[])
                as g(lane, event_id, position, id, name, content_type, size_bytes, url, provider_reference,
                     payload_pointer, sha256)
            join said s using (event_id)
        ),
        told as (
            insert into messaging.message_status_history
                (lane, event_id, arrival, provider, provider_message_id, status, word, error_code, occurred_at)
            select lane, event_id, f.arrival, g.provider, g.provider_message_id, g.status, g.word, g.error_code, g.occurred_at
            from unnest($34::smallint[], $35::uuid[], $36::text[], $37::text[], $38::text[], $39::text[], $40::text[],
                        $41::timestamptz[])
                as g(lane, event_id, provider, provider_message_id, status, word, error_code, occurred_at)
            join ours f using (event_id)
        )
        select event_id as "event_id!", extract(epoch from clock_timestamp() - created_at)::float8 as "since_recorded!"
        from ours
        "#,
        &each(set, |f| i16::from(f.event.lane())),
        &each(set, |f| f.event.uuid()),
        token.uuid(),
        &each(&messages, |(event, _)| i16::from(event.lane())),
        &each(&messages, |(event, _)| event.uuid()),
        &each(&messages, |(_, m)| m.conversation.uuid()),
        &each(&messages, |(_, m)| m.key.as_str()) as &[&str],
        &each(&messages, |(_, m)| m.content.channel.as_str()) as &[&str],
        &each(&messages, |(_, m)| m.content.participants().0) as &[&str],
        &each(&messages, |(_, m)| m.content.participants().1) as &[&str],
        &each(&messages, |(_, m)| m.content.from.as_str()) as &[&str],
        &each(&messages, |(_, m)| m.content.to.as_str()) as &[&str],
        &each(&messages, |(_, m)| m.content.body.as_str()) as &[&str],
        &each(&messages, |(_, m)| snippet.cut(&m.content.body)) as &[&str],
        &each(&messages, |(_, m)| m.content.attachments.as_ref().map(Json))
            as &[Option<Json<&serde_json::Value>>],
        &each(&messages, |(_, m)| m.content.timestamp),
        &each(&messages, |(_, m)| m.content.email.as_ref().map(Json)) as &[Option<Json<&Email>>],
        &each(&messages, |(_, m)| m.content.reference.as_ref().map(|r| r.provider.as_str())) as &[Option<&str>],
        &each(&messages, |(_, m)| m.content.reference.as_ref().map(|r| r.id.as_str())) as &[Option<&str>],
        &each(&messages, |(_, m)| i16::try_from(m.files.len()).unwrap_or(i16::MAX)),
        Direction::Inbound.as_str(),
        MessageStatus::Delivered.as_str(),
        &each(&files, |(event, ..)| i16::from(event.lane())),
        &each(&files, |(event, ..)| event.uuid()),
        &each(&files, |(_, position, ..)| *position),
        &each(&files, |(.., id, _)| id.uuid()),
        &each(&files, |(.., file)| file.name.as_deref()) as &[Option<&str>],
        &each(&files, |(.., file)| file.content_type.as_deref()) as &[Option<&str>],
        &each(&files, |(.., file)| file.size.map(|size| i64::try_from(size).unwrap_or(i64::MAX)))
            as &[Option<i64>],
        &each(&files, |(.., file)| match &file.place {
            Some(FilePlace::Url(url)) => Some(url.as_str()),
            _ => None,
        }) as &[Option<&str>],
        &each(&files, |(.., file)| match &file.place {
            Some(FilePlace::Provider(reference)) => Some(reference.as_str()),
            _ => None,
        }) as &[Option<&str>],
        &each(&files, |(.., file)| match &file.place {
            Some(FilePlace::Payload(pointer)) => Some(pointer.as_str()),
            _ => None,
        }) as &[Option<&str>],
        &each(&files, |(.., file)| file.sha256.as_ref().map(<[u8; 32]>::as_slice)) as &[Option<&[u8]>],
        &each(&statuses, |(event, _)| i16::from(event.lane())),
        &each(&statuses, |(event, _)| event.uuid()),
        &each(&statuses, |(_, change)| change.reference.provider.as_str()) as &[&str],
        &each(&statuses, |(_, change)| change.reference.id.as_str()) as &[&str],
        &each(&statuses, |(_, change)| change.status.as_str()) as &[&str],
        &each(&statuses, |(_, change)| change.word.as_str()) as &[&str],
        &each(&statuses, |(_, change)| change.error.as_deref()) as &[Option<&str>],
        &each(&statuses, |(_, change)| change.at),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Finished {
            event: EventId::from_uuid(row.event_id),
            since_recorded: Duration::try_from_secs_f64(row.since_recorded).unwrap_or_default(),
        })
        .collect())
}
