//! What a database holds, for whoever wants to prove that nothing was lost, doubled or disordered.

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use sqlx::{FromRow, Row};

use super::{ServerError, close, connect};

/// A message as it stands in its conversation.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Line {
    /// The conversation's key.
    pub conversation: String,
    /// The provider's id of the event that it came of.
    pub provider_message_id: String,
    /// The text.
    pub body: String,
    /// When it became visible, by the database's clock.
    pub visible_at: DateTime<Utc>,
}

/// How many events have a status.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Count {
    /// The status.
    pub status: String,
    /// How many.
    pub events: i64,
}

fn refused(what: &'static str) -> impl Fn(sqlx::Error) -> ServerError {
    move |source| ServerError::Statement { what, source }
}

/// Shows every message to `each`: conversation by conversation, in the order in which it is read.
///
/// # Errors
/// No connection, or no schema.
pub async fn messages(database: &str, mut each: impl FnMut(Line)) -> Result<(), ServerError> {
    let mut connection = connect(database).await?;
    let what = refused("read the messages");
    {
        let mut lines = sqlx::query_as::<_, Line>(
            "select c.key as conversation, e.provider_message_id, m.body, e.processed_at as visible_at
             from messaging.messages m
             join messaging.conversations c on c.lane = m.lane and c.id = m.conversation_id
             join messaging.inbound_events e on e.lane = m.lane and e.id = m.event_id
             order by c.key, m.arrival",
        )
        .fetch(&mut connection);
        while let Some(line) = lines.try_next().await.map_err(&what)? {
            each(line);
        }
    }
    close(connection).await;
    Ok(())
}

/// How many events there are of each status.
///
/// # Errors
/// No connection, or no schema.
pub async fn events(database: &str) -> Result<Vec<Count>, ServerError> {
    let mut connection = connect(database).await?;
    let counts = sqlx::query_as(
        "select status, count(*) as events from messaging.inbound_events group by status order by status",
    )
    .fetch_all(&mut connection)
    .await;
    close(connection).await;
    counts.map_err(refused("count the events"))
}

/// How many events have been in work for so many milliseconds already.
///
/// # Errors
/// No connection, or no schema.
pub async fn long_in_work(database: &str, millis: u32) -> Result<i64, ServerError> {
    let mut connection = connect(database).await?;
    let count = sqlx::query_scalar(
        "select count(*) from messaging.in_work where claimed_at < clock_timestamp() - $1 * interval '1 ms'",
    )
    .bind(f64::from(millis))
    .fetch_one(&mut connection)
    .await;
    close(connection).await;
    count.map_err(refused("look what is in work"))
}

/// The longest that an event took from being recorded to being done, in seconds; those that are not done count up to now.
///
/// # Errors
/// No connection, or no schema.
pub async fn longest_open(database: &str) -> Result<f64, ServerError> {
    let mut connection = connect(database).await?;
    let row = sqlx::query(
        "select coalesce(extract(epoch from max(coalesce(processed_at, now()) - created_at)), 0)::float8
         from messaging.inbound_events",
    )
    .fetch_one(&mut connection)
    .await;
    close(connection).await;
    row.and_then(|row| row.try_get(0))
        .map_err(refused("measure the events"))
}

/// How fast events were finished.
#[derive(Debug, Clone, Copy, PartialEq, FromRow)]
pub struct Finished {
    /// How many after the first set; what another hand had in work beside that counts.
    pub events: i64,
    /// From the first set's statement to the last's, by the database's clock: 0 if all were one set.
    pub seconds: f64,
}

/// How fast the events were finished that were finished last, so many of them.
///
/// # Errors
/// No connection, or no schema.
pub async fn last_finished(database: &str, events: u32) -> Result<Finished, ServerError> {
    let mut connection = connect(database).await?;
    let finished = sqlx::query_as(
        "select count(*) filter (where processed_at > first) as events,
                coalesce(extract(epoch from max(processed_at) - min(processed_at)), 0)::float8 as seconds
         from (select processed_at, min(processed_at) over () as first
               from (select processed_at from messaging.inbound_events where processed_at is not null
                     order by processed_at desc limit $1) last) done",
    )
    .bind(i64::from(events))
    .fetch_one(&mut connection)
    .await;
    close(connection).await;
    finished.map_err(refused("measure what was finished"))
}

/// How many conversations count wrong, or name another last message than their last.
///
/// # Errors
/// No connection, or no schema.
pub async fn miscounted_conversations(database: &str) -> Result<i64, ServerError> {
    let mut connection = connect(database).await?;
    let row = sqlx::query(
        "select count(*) from (
             select from messaging.conversations c
             left join messaging.messages m on m.lane = c.lane and m.conversation_id = c.id
             group by c.lane, c.id
             having c.message_count <> count(m.id) or c.last_activity_at <> max(m.timestamp)) wrong",
    )
    .fetch_one(&mut connection)
    .await;
    close(connection).await;
    row.and_then(|row| row.try_get(0))
        .map_err(refused("count the conversations"))
}
