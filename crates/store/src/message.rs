//! Messages: listed within a conversation, oldest first.

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, ConversationId, Direction, MessageId, MessageStatus};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{Listed, Start, StoreError};

/// A message as applications read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its place among messages with the same timestamp.
    pub arrival: i64,
    /// Which way it went.
    pub direction: Direction,
    /// How it travelled.
    pub channel: Channel,
    /// The sender's address as sent.
    pub from: String,
    /// The recipient's address as sent.
    pub to: String,
    /// The text.
    pub body: String,
    /// Its beginning.
    pub snippet: String,
    /// Attachments as the provider named them.
    pub attachments: Option<serde_json::Value>,
    /// How far it got.
    pub status: MessageStatus,
    /// When it was sent, by the provider's word.
    pub timestamp: DateTime<Utc>,
}

/// A message's place in its conversation.
pub type Place = (DateTime<Utc>, i64);

struct Row {
    id: Uuid,
    arrival: i64,
    direction: String,
    channel: String,
    sender: String,
    recipient: String,
    body: String,
    snippet: String,
    attachments: Option<serde_json::Value>,
    status: String,
    timestamp: DateTime<Utc>,
}

impl TryFrom<Row> for Message {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let broken = |column| StoreError::Inconsistent {
            table: "messaging.messages",
            column,
            row: row.id,
        };
        Ok(Self {
            id: MessageId::from_uuid(row.id),
            arrival: row.arrival,
            direction: row.direction.parse().map_err(|_| broken("direction"))?,
            channel: row.channel.parse().map_err(|_| broken("channel"))?,
            status: row.status.parse().map_err(|_| broken("status"))?,
            from: row.sender,
            to: row.recipient,
            body: row.body,
            snippet: row.snippet,
            attachments: row.attachments,
            timestamp: row.timestamp,
        })
    }
}

/// A page of `size` messages of a conversation, by timestamp ascending, then by arrival.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    pool: &PgPool,
    conversation: ConversationId,
    start: Start<Place>,
    size: u32,
) -> Result<Listed<Message>, StoreError> {
    let (skip, (at, arrival)) = match start {
        Start::Skip(skip) => (
            i64::try_from(skip).unwrap_or(i64::MAX),
            (DateTime::<Utc>::MIN_UTC, i64::MIN),
        ),
        Start::After(place) => (0, place),
    };
    let after = matches!(start, Start::After(_)).then_some(at);
    let rows = sqlx::query_as!(
        Row,
        r#"
        select id, arrival, direction, channel, sender, recipient, body, snippet, attachments, status, "timestamp"
        from messaging.messages
        where lane = $1 and conversation_id = $2
          and ("timestamp", arrival) > (coalesce($3::timestamptz, '-infinity'), $4)
        order by "timestamp", arrival
        limit $5 offset $6
        "#,
        i16::from(conversation.lane()),
        conversation.uuid(),
        after,
        arrival,
        i64::from(size) + 1,
        skip,
    )
    .fetch_all(pool)
    .await?;
    let rows = rows
        .into_iter()
        .map(Message::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Listed::cut(rows, size))
}
