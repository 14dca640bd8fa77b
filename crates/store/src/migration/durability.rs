//! What a crash of the server could take back of what was committed.

use sqlx::{Connection, Executor, Row};

use super::error::MigrationError;
use super::target::Target;

/// The server's settings that decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durability {
    /// Whether a commit reaches the disk at all.
    pub fsync: String,
    /// What a commit waits for.
    pub synchronous_commit: String,
    /// Whether a page that was half written in a crash can be mended.
    pub full_page_writes: String,
    /// The standbys that a commit waits for; empty when there are none.
    pub synchronous_standby_names: String,
}

/// Asks the server.
///
/// # Errors
/// When the database cannot be reached or asked.
pub async fn durability(target: &Target) -> Result<Durability, MigrationError> {
    let mut session = target.connect().await?;
    let row = session
        .fetch_one(
            "select current_setting('fsync'), current_setting('synchronous_commit'), \
             current_setting('full_page_writes'), current_setting('synchronous_standby_names')",
        )
        .await?;
    let durability = Durability {
        fsync: row.try_get(0)?,
        synchronous_commit: row.try_get(1)?,
        full_page_writes: row.try_get(2)?,
        synchronous_standby_names: row.try_get(3)?,
    };
    drop(session.close().await);
    Ok(durability)
}
