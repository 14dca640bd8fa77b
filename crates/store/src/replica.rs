//! How far a standby is: by the positions in the log that the database has written and the standby has replayed. The time of
//! its last transaction would not tell: where nothing is written, it grows however well the standby follows.

use crate::{Connection, Pool, StoreError};

/// Whether a server may be read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fitness {
    /// It is a standby and shows everything up to the position that was asked for.
    Fresh,
    /// It is a standby that does not, yet.
    Behind,
    /// It is no standby, or no longer: it may have gone its own way.
    NotAStandby,
}

/// Up to which position the database has written its log.
///
/// # Errors
/// [`StoreError`].
pub async fn written(database: &Pool) -> Result<i64, StoreError> {
    Ok(
        sqlx::query_scalar!(r#"select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8 as "position!""#)
            .fetch_one(database)
            .await?,
    )
}

/// Whether what is read on this connection shows everything up to a position.
///
/// # Errors
/// [`StoreError`].
pub async fn fitness(connection: &mut Connection, position: i64) -> Result<Fitness, StoreError> {
    let row = sqlx::query!(
        r#"
        select pg_is_in_recovery() as "is_standby!",
               coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') >= $1::int8, false) as "is_fresh!"
        "#,
        position,
    )
    .fetch_one(connection)
    .await?;
    Ok(match (row.is_standby, row.is_fresh) {
        (true, true) => Fitness::Fresh,
        (true, false) => Fitness::Behind,
        (false, _) => Fitness::NotAStandby,
    })
}
