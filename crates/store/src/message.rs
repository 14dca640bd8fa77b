//! Messages: listed within a conversation, oldest first.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use mailroom_domain::{
    Channel, ConversationId, Direction, Email, MessageId, MessageReference, MessageStatus,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{Connection, Listed, Start, StoreError, file, file::StoredFile, status};

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
    pub attachments: Option<Value>,
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

/// A message, and what is the same in all rows; a page without messages is one row without a message.
struct Row {
    total: i64,
    id: Option<Uuid>,
    arrival: Option<i64>,
    direction: Option<String>,
    channel: Option<String>,
    sender: Option<String>,
    recipient: Option<String>,
    body: Option<String>,
    snippet: Option<String>,
    attachments: Option<Value>,
    status: Option<String>,
    timestamp: Option<DateTime<Utc>>,
    email: Option<Value>,
    provider: Option<String>,
    provider_message_id: Option<String>,
    file_count: Option<i16>,
}

impl Row {
    /// About how many bytes of it are the sender's.
    fn weight(&self) -> usize {
        let texts = [&self.body, &self.sender, &self.recipient];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        texts
            + [&self.attachments, &self.email]
                .into_iter()
                .flatten()
                .map(weight)
                .sum::<usize>()
    }

    fn message(self) -> Option<Result<Message, StoreError>> {
        let id = self.id?;
        Some(self.into_message(id).map_err(|column| StoreError::Inconsistent {
            table: "messaging.messages",
            column,
            row: id,
        }))
    }

    /// Or the column that is not as it should be.
    fn into_message(self, id: Uuid) -> Result<Message, &'static str> {
        fn known<T: FromStr>(word: Option<String>, column: &'static str) -> Result<T, &'static str> {
            word.and_then(|word| word.parse().ok()).ok_or(column)
        }
        Ok(Message {
            id: MessageId::from_uuid(id),
            arrival: self.arrival.ok_or("arrival")?,
            direction: known(self.direction, "direction")?,
            channel: known(self.channel, "channel")?,
            status: known(self.status, "status")?,
            from: self.sender.ok_or("sender")?,
            to: self.recipient.ok_or("recipient")?,
            body: self.body.ok_or("body")?,
            snippet: self.snippet.ok_or("snippet")?,
            attachments: self.attachments,
            files: Vec::new(),
            email: self
                .email
                .map(serde_json::from_value)
                .transpose()
                .map_err(|_| "email")?,
            reference: self
                .provider
                .zip(self.provider_message_id)
                .map(|(provider, id)| MessageReference { provider, id }),
            timestamp: self.timestamp.ok_or("timestamp")?,
        })
    }
}

fn weight(json: &Value) -> usize {
    match json {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(|value| 1 + weight(value)).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| name.len() + weight(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}

/// A page of `size` messages of a conversation, by timestamp ascending, then by arrival, and how many it has; `None` when
/// there is no such conversation. It ends early, with [`Listed::more`], after the message with which it holds `bytes` of
/// what people wrote. Statuses and files are asked for where there may be some.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    connection: &mut Connection,
    conversation: ConversationId,
    start: Start<Place>,
    size: u32,
    bytes: usize,
) -> Result<Option<(Listed<Message>, i64)>, StoreError> {
    let rows = rows(&mut *connection, conversation, start, size, bytes).await?;
    let Some(total) = rows.rows.first().map(|row| row.total) else {
        return Ok(None);
    };
    let with_files: Vec<MessageId> = rows
        .rows
        .iter()
        .filter(|row| row.file_count > Some(0))
        .filter_map(|row| row.id.map(MessageId::from_uuid))
        .collect();
    let mut messages = rows
        .rows
        .into_iter()
        .filter_map(Row::message)
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
    let listed = Listed {
        rows: messages,
        more: rows.more,
    };
    Ok(Some((listed, total)))
}

async fn rows(
    connection: &mut Connection,
    conversation: ConversationId,
    start: Start<Place>,
    size: u32,
    bytes: usize,
) -> Result<Listed<Row>, StoreError> {
    let (skip, (at, arrival)) = match start {
        Start::Skip(skip) => (
            i64::try_from(skip).unwrap_or(i64::MAX),
            (DateTime::<Utc>::MIN_UTC, i64::MIN),
        ),
        Start::After(place) => (0, place),
    };
    let after = matches!(start, Start::After(_)).then_some(at);
    let mut found = sqlx::query_as!(
        Row,
        r#"
        select c.message_count as total, m.id as "id?", m.arrival as "arrival?", m.direction as "direction?",
               m.channel as "channel?", m.sender as "sender?", m.recipient as "recipient?", m.body as "body?",
               m.snippet as "snippet?", m.attachments, m.status as "status?", m."timestamp" as "timestamp?", m.email,
               m.provider, m.provider_message_id, m.file_count as "file_count?"
        from messaging.conversations c
        left join lateral (
            select *
            from messaging.messages
            where lane = $1 and conversation_id = $2
              and ("timestamp", arrival) > (coalesce($3::timestamptz, '-infinity'), $4)
            order by "timestamp", arrival
            limit $5 offset $6
        ) m on true
        where c.lane = $1 and c.id = $2
        "#,
        i16::from(conversation.lane()),
        conversation.uuid(),
        after,
        arrival,
        i64::from(size) + 1,
        skip,
    )
    .fetch(connection);
    // They come in the order of the inner select: there is one row to join them to, and no other way to do it than row by
    // row. To say so in the statement would sort them, wide as they are.
    let (mut rows, mut weight) = (Vec::new(), 0);
    while let Some(row) = found.try_next().await? {
        if weight >= bytes {
            return Ok(Listed { rows, more: true });
        }
        weight += row.weight();
        rows.push(row);
    }
    Ok(Listed::cut(rows, size))
}
