//! Actions: the account of what operators did. Each row is written by the statement that does it.

use chrono::{DateTime, Utc};
use mailroom_domain::CommandId;
use serde_json::Value;

use crate::{Pool, StoreError};

/// Who does something, and why: goes into the account together with what is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// One call of a command: its batches share it.
    pub command: CommandId,
    /// Who, 1 to 200 bytes.
    pub actor: String,
    /// What was asked for, as a JSON object.
    pub filter: Value,
    /// Why, 1 to 2,000 bytes.
    pub reason: Option<String>,
}

/// What one command of an operator did, all its batches together.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// The command.
    pub command: CommandId,
    /// When it first did something.
    pub began_at: DateTime<Utc>,
    /// When it last did something.
    pub ended_at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// `replay`, `discard`, `pause` or `resume`.
    pub action: String,
    /// What was asked for.
    pub filter: Value,
    /// How many events, or pauses, it touched.
    pub count: i64,
    /// Why.
    pub reason: Option<String>,
}

/// The last `size` commands, the newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &Pool, size: u32) -> Result<Vec<Action>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select command, actor, action, filter, reason, min(at) as "began_at!", max(at) as "ended_at!",
               sum(count)::bigint as "count!"
        from messaging.operator_actions
        group by command, actor, action, filter, reason
        order by max(at) desc, command
        limit $1
        "#,
        i64::from(size),
    )
    .fetch_all(pool)
    .await?;
    let actions = rows.into_iter().map(|row| Action {
        command: CommandId::from_uuid(row.command),
        began_at: row.began_at,
        ended_at: row.ended_at,
        actor: row.actor,
        action: row.action,
        filter: row.filter,
        count: row.count,
        reason: row.reason,
    });
    Ok(actions.collect())
}
