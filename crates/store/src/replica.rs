//! How far a standby is: by the positions in the log that the database has written and the standby has replayed. The time of
//! its last transaction would not tell: where nothing is written, it grows however well the standby follows.

use sqlx::PgPool;

use crate::StoreError;

/// Up to which position the database has written its log.
///
/// # Errors
/// [`StoreError`].
pub async fn written(database: &PgPool) -> Result<i64, StoreError> {
    Ok(
        sqlx::query_scalar!(r#"select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8 as "position!""#)
            .fetch_one(database)
            .await?,
    )
}

/// Up to which position a standby shows what was written; `None` when it is none.
///
/// # Errors
/// [`StoreError`].
pub async fn replayed(standby: &PgPool) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select case when pg_is_in_recovery() then pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::int8 end"#
    )
    .fetch_one(standby)
    .await?)
}
