//! Settings of the server that decide what an acknowledgement is worth, and whether tables are looked after.

use super::{Session, answered};
use crate::StoreError;

/// What is set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the server")]
pub struct Settings {
    /// Whether a commit is forced to disk at all.
    pub fsync: bool,
    /// Whether pages torn by a power cut can be mended.
    pub full_page_writes: bool,
    /// What a commit of this role waits for, in this database.
    pub synchronous_commit: String,
    /// The standbys that commits wait for; empty when there are none.
    pub synchronous_standby_names: String,
    /// Whether tables are cleaned and analysed by themselves.
    pub autovacuum: bool,
    /// Whether the server counts what happens to its tables.
    pub track_counts: bool,
}

impl Session {
    /// Reads them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settings(&mut self) -> Result<Settings, StoreError> {
        let found = sqlx::query_as!(
            Settings,
            r#"
            select current_setting('fsync')::boolean as "fsync!", current_setting('full_page_writes')::boolean as "full_page_writes!",
                   current_setting('synchronous_commit') as "synchronous_commit!",
                   current_setting('synchronous_standby_names') as "synchronous_standby_names!",
                   current_setting('autovacuum')::boolean as "autovacuum!", current_setting('track_counts')::boolean as "track_counts!"
            "#,
        );
        answered(async { Ok(found.fetch_one(&mut self.0).await?) }).await
    }
}
