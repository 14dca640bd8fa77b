//! Pauses: what workers leave alone until an operator says otherwise.

use chrono::{DateTime, Utc};

use crate::{Pool, StoreError, action::Act};

/// How `Everything` is written down.
const EVERYTHING: &str = "*";

/// What is paused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All work of all workers.
    Everything,
    /// The events of one provider.
    Provider(String),
}

impl Scope {
    /// As it is written down: the provider's name, or `*`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Everything => EVERYTHING,
            Self::Provider(name) => name,
        }
    }

    fn from_stored(name: String) -> Self {
        if name == EVERYTHING {
            Self::Everything
        } else {
            Self::Provider(name)
        }
    }
}

/// A pause that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// What is paused.
    pub scope: Scope,
    /// Since when.
    pub paused_at: DateTime<Utc>,
    /// Who asked for it.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// Every pause that holds, the whole fleet's first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(pool: &Pool) -> Result<Vec<Pause>, StoreError> {
    let rows = sqlx::query!(
        r#"select provider, paused_at, actor, reason from messaging.pauses order by provider <> '*', provider"#
    )
    .fetch_all(pool)
    .await?;
    let pauses = rows.into_iter().map(|row| Pause {
        scope: Scope::from_stored(row.provider),
        paused_at: row.paused_at,
        actor: row.actor,
        reason: row.reason,
    });
    Ok(pauses.collect())
}

/// Pauses, and notes who did it. `false` when it was paused already: that pause stands as it is.
///
/// # Errors
/// [`StoreError`], also when the act has no reason; trying again is harmless.
pub async fn pause(pool: &Pool, scope: &Scope, act: &Act) -> Result<bool, StoreError> {
    let changed = sqlx::query_scalar!(
        r#"
        with paused as (
            insert into messaging.pauses (provider, paused_at, actor, reason) values ($1, now(), $3, $5)
            on conflict (provider) do nothing
            returning provider
        ),
        noted as (
            insert into messaging.operator_actions (command, actor, action, filter, count, reason)
            select $2, $3, 'pause', $4, count(*), $5 from paused having count(*) > 0
        )
        select count(*) > 0 as "changed!" from paused
        "#,
        scope.as_str(),
        act.command.uuid(),
        act.actor,
        act.filter,
        act.reason.as_deref(),
    )
    .fetch_one(pool)
    .await?;
    if changed {
        tracing::info!(command = %act.command, scope = scope.as_str(), "paused by an operator");
    }
    Ok(changed)
}

/// Ends a pause, and notes who did it. `false` when there was none.
///
/// # Errors
/// [`StoreError`]; trying again is harmless.
pub async fn resume(pool: &Pool, scope: &Scope, act: &Act) -> Result<bool, StoreError> {
    let changed = sqlx::query_scalar!(
        r#"
        with resumed as (
            delete from messaging.pauses where provider = $1 returning provider
        ),
        noted as (
            insert into messaging.operator_actions (command, actor, action, filter, count, reason)
            select $2, $3, 'resume', $4, count(*), $5 from resumed having count(*) > 0
        )
        select count(*) > 0 as "changed!" from resumed
        "#,
        scope.as_str(),
        act.command.uuid(),
        act.actor,
        act.filter,
        act.reason.as_deref(),
    )
    .fetch_one(pool)
    .await?;
    if changed {
        tracing::info!(command = %act.command, scope = scope.as_str(), "resumed by an operator");
    }
    Ok(changed)
}
