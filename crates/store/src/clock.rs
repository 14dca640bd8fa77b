//! The clock of the database, by which leases, due times and what operators ask for are decided.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{Pool, StoreError};

/// The time that was `ago` before now.
///
/// # Errors
/// [`StoreError`], also for a time before there was time.
pub async fn before_now(pool: &Pool, ago: Duration) -> Result<DateTime<Utc>, StoreError> {
    let at = sqlx::query_scalar!(
        r#"select now() - make_interval(secs => $1) as "at!""#,
        ago.as_secs_f64()
    )
    .fetch_one(pool)
    .await?;
    Ok(at)
}
