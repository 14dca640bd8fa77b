//! Finish: what an event became, and that it is done, in one statement and so in one transaction.

use std::time::Duration;

use mailroom_domain::{
    ClaimToken, ConversationId, ConversationKey, Direction, EventId, IncomingMessage, MessageId,
    MessageStatus, SnippetLength,
};
use sqlx::{PgPool, types::Json};

use crate::{StoreError, split::Halving};

/// A message that an event became, about to take its place.
#[derive(Debug, Clone)]
pub struct Finishing {
    /// The event.
    pub event: EventId,
    /// The message's id.
    pub message: MessageId,
    /// The conversation's id, should it be new; the same for all of one conversation in one set.
    pub conversation: ConversationId,
    /// The conversation's key.
    pub key: ConversationKey,
    /// What the event became.
    pub content: IncomingMessage,
}

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

/// Writes messages, conversations and the end of their events, for those events that still carry this token.
/// A set that is refused is split until the poison event stands alone.
///
/// # Errors
/// [`StoreError::Unavailable`] when it is unknown what was written; the token keeps a second try harmless.
pub async fn finish(
    pool: &PgPool,
    token: ClaimToken,
    snippet: SnippetLength,
    set: &[Finishing],
) -> Result<Outcome, StoreError> {
    let mut finished = Vec::with_capacity(set.len());
    let mut halving = Halving::new(set.len());
    while let Some(part) = halving.next_part() {
        match write(pool, token, snippet, &set[part.clone()]).await {
            Ok(rows) => finished.extend(rows),
            Err(error) => halving.failed(&part, error)?,
        }
    }
    Ok(Outcome {
        finished,
        refused: halving.into_refused(),
    })
}

async fn write(
    pool: &PgPool,
    token: ClaimToken,
    snippet: SnippetLength,
    set: &[Finishing],
) -> Result<Vec<Finished>, StoreError> {
    fn each<'a, T>(set: &'a [Finishing], column: impl Fn(&'a Finishing) -> T) -> Vec<T> {
        set.iter().map(column).collect()
    }
    let attachments = each(set, |m| m.content.attachments.as_ref().map(Json));
    let rows = sqlx::query!(
        r#"
        with given as materialized (
            select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                                 $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::jsonb[],
                                 $14::timestamptz[])
                as g(lane, event_id, message_id, conversation_id, key, channel, participant_a, participant_b,
                     sender, recipient, body, snippet, attachments, sent_at)
        ),
        finished as (
            update messaging.inbound_events e
            set status = 'processed', processed_at = now(), updated_at = now(),
                processor_id = null, claim_token = null, claimed_at = null, error_code = null, error_message = null
            from given g
            where e.lane = g.lane and e.id = g.event_id and e.status = 'processing' and e.claim_token = $15
            returning e.lane, e.id as event_id, e.arrival, e.created_at
        ),
        talk as (
            insert into messaging.conversations as c
                (lane, id, key, channel, participant_a, participant_b, message_count, last_activity_at, updated_at)
            select lane, g.conversation_id, g.key, g.channel, g.participant_a, g.participant_b, count(*), max(g.sent_at), now()
            from given g join finished f using (lane, event_id)
            group by lane, g.conversation_id, g.key, g.channel, g.participant_a, g.participant_b
            order by lane, g.key
            on conflict (lane, key) do update
                set message_count = c.message_count + excluded.message_count,
                    last_activity_at = greatest(c.last_activity_at, excluded.last_activity_at),
                    updated_at = excluded.updated_at
            returning lane, id, key
        ),
        said as (
            insert into messaging.messages
                (lane, id, conversation_id, event_id, arrival, direction, channel, sender, recipient, body, snippet,
                 attachments, status, "timestamp")
            select lane, g.message_id, t.id, event_id, f.arrival, $16, g.channel, g.sender, g.recipient, g.body, g.snippet,
                   g.attachments, $17, g.sent_at
            from given g join finished f using (lane, event_id) join talk t using (lane, key)
        )
        select event_id, extract(epoch from clock_timestamp() - created_at)::float8 as "since_recorded!"
        from finished
        "#,
        &each(set, |m| i16::from(m.event.lane())),
        &each(set, |m| m.event.uuid()),
        &each(set, |m| m.message.uuid()),
        &each(set, |m| m.conversation.uuid()),
        &each(set, |m| m.key.as_str()) as &[&str],
        &each(set, |m| m.content.channel.as_str()) as &[&str],
        &each(set, |m| m.content.participants().0) as &[&str],
        &each(set, |m| m.content.participants().1) as &[&str],
        &each(set, |m| m.content.from.as_str()) as &[&str],
        &each(set, |m| m.content.to.as_str()) as &[&str],
        &each(set, |m| m.content.body.as_str()) as &[&str],
        &each(set, |m| snippet.cut(&m.content.body)) as &[&str],
        &attachments as &[Option<Json<&serde_json::Value>>],
        &each(set, |m| m.content.timestamp),
        token.uuid(),
        Direction::Inbound.as_str(),
        MessageStatus::Delivered.as_str(),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Finished {
            event: EventId::from_uuid(row.event_id),
            since_recorded: Duration::try_from_secs_f64(row.since_recorded).unwrap_or_default(),
        })
        .collect())
}
