//! Statuses: how far messages got, by everything that was ever told of them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use mailroom_domain::{MessageReference, MessageStatus, StatusChange};
use uuid::Uuid;

use crate::{Connection, Pool, StoreError};

/// How far these messages got, by what was told since they were written; a message of which nothing was told is
/// not there.
///
/// # Errors
/// [`StoreError`].
pub async fn of(
    connection: &mut Connection,
    messages: &[MessageReference],
) -> Result<HashMap<MessageReference, MessageStatus>, StoreError> {
    if messages.is_empty() {
        return Ok(HashMap::new());
    }
    let lanes: Vec<i16> = messages.iter().map(|message| i16::from(message.lane())).collect();
    // However often a status was told, it is given back once.
    let rows = sqlx::query!(
        r#"
        select g.place as "place!", h.status, (array_agg(h.event_id))[1] as "event_id!"
        from unnest($1::smallint[], $2::text[], $3::text[]) with ordinality
            as g(lane, provider, provider_message_id, place)
        join messaging.message_status_history h using (lane, provider, provider_message_id)
        group by g.place, h.status
        "#,
        &lanes,
        &messages
            .iter()
            .map(|message| message.provider.as_str())
            .collect::<Vec<_>>() as &[&str],
        &messages
            .iter()
            .map(|message| message.id.as_str())
            .collect::<Vec<_>>() as &[&str],
    )
    .fetch_all(connection)
    .await?;
    let mut merged: HashMap<MessageReference, MessageStatus> = HashMap::new();
    for row in rows {
        let told = parse(&row.status, row.event_id)?;
        let Some(message) = usize::try_from(row.place - 1)
            .ok()
            .and_then(|at| messages.get(at))
        else {
            continue;
        };
        merged
            .entry(message.clone())
            .and_modify(|status| *status = status.merge(told))
            .or_insert(told);
    }
    Ok(merged)
}

/// Everything that was told of a message, in the order in which it arrived.
///
/// # Errors
/// [`StoreError`].
pub async fn history(pool: &Pool, message: &MessageReference) -> Result<Vec<StatusChange>, StoreError> {
    struct Row {
        event_id: Uuid,
        status: String,
        word: String,
        error_code: Option<String>,
        occurred_at: DateTime<Utc>,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"
        select event_id, status, word, error_code, occurred_at
        from messaging.message_status_history
        where lane = $1 and provider = $2 and provider_message_id = $3
        order by arrival
        "#,
        i16::from(message.lane()),
        message.provider,
        message.id,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(StatusChange {
                reference: message.clone(),
                status: parse(&row.status, row.event_id)?,
                word: row.word,
                error: row.error_code,
                at: row.occurred_at,
            })
        })
        .collect()
}

fn parse(status: &str, event: Uuid) -> Result<MessageStatus, StoreError> {
    status.parse().map_err(|_| StoreError::Inconsistent {
        table: "messaging.message_status_history",
        column: "status",
        row: event,
    })
}
