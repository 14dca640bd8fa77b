//! Conversations: listed by last activity, newest first.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, ConversationId};
use uuid::Uuid;

use crate::{Connection, Listed, Start, StoreError};

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

/// A conversation, and what is the same in all rows; a page without conversations is one row without one.
struct Row {
    total: i64,
    id: Option<Uuid>,
    key: Option<String>,
    channel: Option<String>,
    participant_a: Option<String>,
    participant_b: Option<String>,
    message_count: Option<i64>,
    last_activity_at: Option<DateTime<Utc>>,
}

impl Row {
    fn conversation(self) -> Option<Result<Conversation, StoreError>> {
        let id = self.id?;
        Some(
            self.into_conversation(id)
                .map_err(|column| StoreError::Inconsistent {
                    table: "messaging.conversations",
                    column,
                    row: id,
                }),
        )
    }

    /// Or the column that is not as it should be.
    fn into_conversation(self, id: Uuid) -> Result<Conversation, &'static str> {
        Ok(Conversation {
            id: ConversationId::from_uuid(id),
            key: self.key.ok_or("key")?,
            channel: self
                .channel
                .and_then(|channel| channel.parse().ok())
                .ok_or("channel")?,
            participant_a: self.participant_a.ok_or("participant_a")?,
            participant_b: self.participant_b.ok_or("participant_b")?,
            message_count: self.message_count.ok_or("message_count")?,
            last_activity_at: self.last_activity_at.ok_or("last_activity_at")?,
        })
    }
}

/// A page of `size` conversations, by last activity, newest first, then by id, and how many there are.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    connection: &mut Connection,
    start: Start<Place>,
    size: u32,
) -> Result<(Listed<Conversation>, i64), StoreError> {
    let mut rows = rows(connection, start, i64::from(size) + 1).await?;
    // They come in order, but the statements do not say so: that would sort them once more.
    rows.sort_by_key(|row| (Reverse(row.last_activity_at), row.id));
    let total = rows.first().map_or(0, |row| row.total);
    let listed = Listed::cut(rows, size);
    let rows = listed
        .rows
        .into_iter()
        .filter_map(Row::conversation)
        .collect::<Result<_, _>>()?;
    let more = listed.more;
    Ok((Listed { rows, more }, total))
}

async fn rows(connection: &mut Connection, start: Start<Place>, limit: i64) -> Result<Vec<Row>, StoreError> {
    Ok(match start {
        Start::Skip(skip) => {
            sqlx::query_as!(
                Row,
                r#"
                select n.total as "total!", c.id as "id?", c.key as "key?", c.channel as "channel?",
                       c.participant_a as "participant_a?", c.participant_b as "participant_b?",
                       c.message_count as "message_count?", c.last_activity_at as "last_activity_at?"
                from (select coalesce(sum(conversations), 0)::int8 as total from messaging.conversation_counts) n
                left join lateral (
                    select *
                    from messaging.conversations
                    order by last_activity_at desc, id
                    limit $1 offset $2
                ) c on true
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
                select n.total as "total!", c.id as "id?", c.key as "key?", c.channel as "channel?",
                       c.participant_a as "participant_a?", c.participant_b as "participant_b?",
                       c.message_count as "message_count?", c.last_activity_at as "last_activity_at?"
                from (select coalesce(sum(conversations), 0)::int8 as total from messaging.conversation_counts) n
                left join lateral (
                    select *
                    from messaging.conversations
                    where last_activity_at <= $2 and (last_activity_at < $2 or id > $3)
                    order by last_activity_at desc, id
                    limit $1
                ) c on true
                "#,
                limit,
                at,
                id.uuid(),
            )
            .fetch_all(connection)
            .await?
        }
    })
}
