//! Show: one dead letter with what was received.

use mailroom_domain::{EventId, Headers, Payload};
use sqlx::types::Json;

use super::{Letter, Row, broken};
use crate::{Pool, StoreError, event::payload};

/// A dead letter with what was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The letter.
    pub letter: Letter,
    /// The sender's address as sent; empty when it could not be read.
    pub sender: String,
    /// The recipient's address as sent; empty when it could not be read.
    pub recipient: String,
    /// Whose line it stands in.
    pub conversation_key: String,
    /// What was received, redacted.
    pub payload: Payload,
    /// The request's headers that reading it needs; names in lower case.
    pub headers: Headers,
    /// How often it was delivered again.
    pub duplicates: i32,
    /// How many other contents were delivered under its id.
    pub conflicts: i64,
    /// W3C traceparent of the request that brought it.
    pub trace_context: Option<String>,
}

/// The dead letter with this id; `None` when there is none, or it is no dead letter (any more).
///
/// # Errors
/// [`StoreError`].
pub async fn show(pool: &Pool, id: EventId) -> Result<Option<Content>, StoreError> {
    let row = sqlx::query!(
        r#"
        select e.id, e.arrival, e.channel, e.provider, e.endpoint, e.kind, e.provider_message_id, e.error_code,
               e.error_message, e.attempt_count, e.created_at, e.updated_at, e.sender, e.recipient, e.conversation_key,
               e.payload::text as payload, e.payload_bytes, e.headers as "headers: Json<Headers>", e.duplicates,
               e.trace_context, e.discarded_at, e.discarded_reason,
               (select count(*) from messaging.conflicting_duplicates c
                where c.lane = e.lane and c.event_id = e.id) as "conflicts!"
        from messaging.inbound_events e
        where e.lane = $1 and e.id = $2 and e.status || '' = 'dead_letter'
        "#,
        i16::from(id.lane()),
        id.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(Content {
        letter: Letter::try_from(Row {
            id: row.id,
            arrival: row.arrival,
            channel: row.channel,
            provider: row.provider,
            endpoint: row.endpoint,
            kind: row.kind,
            provider_message_id: row.provider_message_id,
            error_code: row.error_code,
            error_message: row.error_message,
            attempt_count: row.attempt_count,
            created_at: row.created_at,
            updated_at: row.updated_at,
            discarded_at: row.discarded_at,
            discarded_reason: row.discarded_reason,
        })?,
        sender: row.sender,
        recipient: row.recipient,
        conversation_key: row.conversation_key,
        payload: payload(row.payload, row.payload_bytes).ok_or_else(|| broken(row.id, "payload"))?,
        headers: row.headers.map(|Json(headers)| headers).unwrap_or_default(),
        duplicates: row.duplicates,
        conflicts: row.conflicts,
        trace_context: row.trace_context,
    }))
}
