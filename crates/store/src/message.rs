//! Messages: listed within a conversation, oldest first.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ConversationId, Direction, Email, MessageId, MessageReference, MessageStatus,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Listed, Start, StoreError, file, file::StoredFile, status};

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
    /// The same, in the form in which all providers' attachments are kept.
    pub files: Vec<StoredFile>,
    /// What only an e-mail has.
    pub email: Option<Email>,
    /// The name by which its provider speaks of it.
    pub reference: Option<MessageReference>,
    /// How far it got, by everything that was told of it.
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
    email: Option<serde_json::Value>,
    provider: Option<String>,
    provider_message_id: Option<String>,
    file_count: i16,
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
            files: Vec::new(),
            email: row
                .email
                .map(serde_json::from_value)
                .transpose()
                .map_err(|_| broken("email"))?,
            reference: row
                .provider
                .zip(row.provider_message_id)
                .map(|(provider, id)| MessageReference { provider, id }),
            timestamp: row.timestamp,
        })
    }
}

/// A page of `size` messages of a conversation, by timestamp ascending, then by arrival. Statuses and files are
/// asked for where there may be some.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    connection: &mut PgConnection,
    conversation: ConversationId,
    start: Start<Place>,
    size: u32,
) -> Result<Listed<Message>, StoreError> {
    let rows = Listed::cut(rows(&mut *connection, conversation, start, size).await?, size);
    let with_files: Vec<MessageId> = rows
        .rows
        .iter()
        .filter(|row| row.file_count > 0)
        .map(|row| MessageId::from_uuid(row.id))
        .collect();
    let mut messages = rows
        .rows
        .into_iter()
        .map(Message::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    let references: Vec<MessageReference> = messages
        .iter()
        .filter_map(|message| message.reference.clone())
        .collect();
    let told = status::of(&mut *connection, &references).await?;
    let mut files = file::of(&mut *connection, conversation.lane(), &with_files).await?;
    for message in &mut messages {
        if let Some(&told) = message
            .reference
            .as_ref()
            .and_then(|reference| told.get(reference))
        {
            message.status = message.status.merge(told);
        }
        message.files = files.remove(&message.id).unwrap_or_default();
    }
    Ok(Listed {
        rows: messages,
        more: rows.more,
    })
}

async fn rows(
    connection: &mut PgConnection,
    conversation: ConversationId,
    start: Start<Place>,
    size: u32,
) -> Result<Vec<Row>, StoreError> {
    let (skip, (at, arrival)) = match start {
        Start::Skip(skip) => (
            i64::try_from(skip).unwrap_or(i64::MAX),
            (DateTime::<Utc>::MIN_UTC, i64::MIN),
        ),
        Start::After(place) => (0, place),
    };
    let after = matches!(start, Start::After(_)).then_some(at);
    Ok(sqlx::query_as!(
        Row,
        r#"
        select id, arrival, direction, channel, sender, recipient, body, snippet, attachments, status, "timestamp",
               email, provider, provider_message_id, file_count
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
    .fetch_all(connection)
    .await?)
}
