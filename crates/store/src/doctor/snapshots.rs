//! What holds back the clearing away of dead rows without being a session: replication slots and prepared transactions.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Session, answered};
use crate::StoreError;

/// A replication slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// Whether somebody reads from it.
    pub is_active: bool,
    /// How many transactions began since the oldest that it keeps the rows of; `None` when it keeps none.
    pub holds_back: Option<i32>,
    /// How much of the write-ahead log it keeps on disk, in bytes.
    pub kept_bytes: i64,
}

/// A transaction that was prepared for a commit in two phases, and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Its name.
    pub name: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl Session {
    /// The replication slots of the server, whoever they are of.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn slots(&mut self) -> Result<Vec<Slot>, StoreError> {
        let found = sqlx::query_as!(
            Slot,
            r#"
            select slot_name::text as "name!", active as "is_active!", greatest(age(xmin), age(catalog_xmin)) as holds_back,
                   coalesce(pg_current_wal_lsn() - restart_lsn, 0)::bigint as "kept_bytes!"
            from pg_replication_slots
            order by slot_name
            "#,
        );
        answered(async { Ok(found.fetch_all(&mut self.0).await?) }).await
    }

    /// Transactions of this database that were prepared longer ago than this, the oldest first, at most ten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prepared(&mut self, longer_than: Duration) -> Result<Vec<Prepared>, StoreError> {
        let found = sqlx::query_as!(
            Prepared,
            r#"
            select gid as "name!", prepared as "since!"
            from pg_prepared_xacts
            where database = current_database() and prepared < clock_timestamp() - $1 * interval '1 second'
            order by prepared
            limit 10
            "#,
            longer_than.as_secs_f64(),
        );
        answered(async { Ok(found.fetch_all(&mut self.0).await?) }).await
    }
}
