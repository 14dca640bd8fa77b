//! Find: whose line is meant, by the id of an event or of a conversation.

use chrono::{DateTime, Utc};
use mailroom_domain::{ConversationId, ConversationKey, EventId};

use crate::{Pool, StoreError};

/// Where an event is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whose line it stands in, or stood.
    pub key: ConversationKey,
    /// Its status, as it is written down; `processing` while it is in work.
    pub status: String,
    /// When and why an operator discarded it, if one did.
    pub discarded: Option<(DateTime<Utc>, String)>,
    /// How many unfinished events of its conversation came before it.
    pub before: u64,
}

/// Looks for an event; `None` when there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn find(pool: &Pool, event: EventId) -> Result<Option<Found>, StoreError> {
    let row = sqlx::query!(
        r#"
        select e.conversation_key,
               case when exists (select from messaging.in_work w where w.id = e.id) then 'processing'
                    else e.status end as "status!",
               e.discarded_at, e.discarded_reason,
               (select count(*) from messaging.inbound_events b
                where b.lane = e.lane and b.conversation_key = e.conversation_key and b.arrival < e.arrival
                  and b.status in ('processing', 'error'))
               + (select count(*) from messaging.inbound_events b
                  where b.lane = e.lane and b.conversation_key = e.conversation_key and b.arrival < e.arrival
                    and b.status = 'received') as "before!"
        from messaging.inbound_events e
        where e.lane = $1 and e.id = $2
        "#,
        i16::from(event.lane()),
        event.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Found {
        key: ConversationKey::from_stored(row.conversation_key),
        status: row.status,
        discarded: row.discarded_at.zip(row.discarded_reason),
        before: row.before.unsigned_abs(),
    }))
}

/// The key of a conversation that has messages; `None` when there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn key_of(
    pool: &Pool,
    conversation: ConversationId,
) -> Result<Option<ConversationKey>, StoreError> {
    let key = sqlx::query_scalar!(
        "select key from messaging.conversations where lane = $1 and id = $2",
        i16::from(conversation.lane()),
        conversation.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(key.map(ConversationKey::from_stored))
}
