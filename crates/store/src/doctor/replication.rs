//! The standbys that read from this server, and how far behind they are.

use super::{Session, answered};
use crate::StoreError;

/// A standby, or whoever else reads the write-ahead log.
#[derive(Debug, Clone, PartialEq)]
pub struct Standby {
    /// What it calls itself.
    pub name: String,
    /// What it does, such as `streaming`; `None` when this role may not see it.
    pub state: Option<String>,
    /// Whether commits wait for it.
    pub is_synchronous: bool,
    /// How long ago what it has applied was written, in seconds; `None` while nothing is written, or hidden.
    pub lag_seconds: Option<f64>,
    /// How much it has not applied yet, in bytes.
    pub behind_bytes: Option<i64>,
    /// How many transactions began since the oldest snapshot of its readers, where it tells.
    pub holds_back: Option<i32>,
}

impl Session {
    /// All of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn standbys(&mut self) -> Result<Vec<Standby>, StoreError> {
        let found = sqlx::query_as!(
            Standby,
            r#"
            select coalesce(application_name, '') as "name!", state,
                   coalesce(sync_state in ('sync', 'quorum'), false) as "is_synchronous!",
                   extract(epoch from replay_lag)::float8 as lag_seconds,
                   (pg_current_wal_lsn() - replay_lsn)::bigint as behind_bytes, age(backend_xmin) as holds_back
            from pg_stat_replication
            order by 1, pid
            "#,
        );
        answered(async { Ok(found.fetch_all(&mut self.0).await?) }).await
    }
}
