//! Conversations: listed by last activity, newest first.

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, ConversationId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Listed, Start, StoreError};

/// A conversation as applications read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Its key.
    pub key: String,
    /// How its messages travel.
    pub channel: Channel,
    /// The participant that comes first in lexical order.
    pub participant_a: String,
    /// The other one.
    pub participant_b: String,
    /// How many messages it has.
    pub message_count: i64,
    /// The largest timestamp of its messages.
    pub last_activity_at: DateTime<Utc>,
}

/// A conversation's place in the list.
pub type Place = (DateTime<Utc>, ConversationId);

struct Row {
    id: Uuid,
    key: String,
    channel: String,
    participant_a: String,
    participant_b: String,
    message_count: i64,
    last_activity_at: DateTime<Utc>,
}

impl TryFrom<Row> for Conversation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ConversationId::from_uuid(row.id),
            key: row.key,
            channel: row.channel.parse().map_err(|_| StoreError::Inconsistent {
                table: "messaging.conversations",
                column: "channel",
                row: row.id,
            })?,
            participant_a: row.participant_a,
            participant_b: row.participant_b,
            message_count: row.message_count,
            last_activity_at: row.last_activity_at,
        })
    }
}

/// A page of `size` conversations, by last activity, newest first, then by id.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    connection: &mut PgConnection,
    start: Start<Place>,
    size: u32,
) -> Result<Listed<Conversation>, StoreError> {
    let limit = i64::from(size) + 1;
    let rows = match start {
        Start::Skip(skip) => {
            sqlx::query_as!(
                Row,
                r#"
                select id, key, channel, participant_a, participant_b, message_count, last_activity_at
                from messaging.conversations
                order by last_activity_at desc, id
                limit $1 offset $2
                "#,
                limit,
                i64::try_from(skip).unwrap_or(i64::MAX),
            )
            .fetch_all(connection)
            .await?
        }
        Start::After((at, id)) => {
            sqlx::query_as!(
                Row,
                r#"
                select id, key, channel, participant_a, participant_b, message_count, last_activity_at
                from messaging.conversations
                where last_activity_at <= $2 and (last_activity_at < $2 or id > $3)
                order by last_activity_at desc, id
                limit $1
                "#,
                limit,
                at,
                id.uuid(),
            )
            .fetch_all(connection)
            .await?
        }
    };
    let rows = rows
        .into_iter()
        .map(Conversation::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Listed::cut(rows, size))
}

/// How many conversations there are.
///
/// # Errors
/// [`StoreError`].
pub async fn count(connection: &mut PgConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(sum(conversations), 0)::int8 as "count!" from messaging.conversation_counts"#
    )
    .fetch_one(connection)
    .await?)
}

/// How many messages a conversation has; `None` when there is no such conversation.
///
/// # Errors
/// [`StoreError`].
pub async fn message_count(
    connection: &mut PgConnection,
    id: ConversationId,
) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "select message_count from messaging.conversations where lane = $1 and id = $2",
        i16::from(id.lane()),
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?)
}
