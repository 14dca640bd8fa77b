//! What can be seen of a database that is unwell, for whoever explains it: facts, no judgement. Every question is one
//! statement over the catalog and the statistics, which any role may ask; what a role may not see of others is counted as
//! hidden. Takes a session of its own, without a pooler between: it is told how long the server may take.

mod indexes;
mod lanes;
mod plans;
mod replication;
mod sessions;
mod settings;
mod snapshots;
mod tables;
mod wraparound;

use std::time::Duration;

use crate::{Connection, Pool, StoreError, within};

pub use indexes::{BadIndex, Fault};
pub use lanes::Tending;
pub use plans::{LARGE, Strayed};
pub use replication::Standby;
pub use sessions::{Connections, Statement, Transaction};
pub use settings::Settings;
pub use snapshots::{Prepared, Slot};
pub use tables::Table;
pub use wraparound::Ages;

/// How long one question may take.
pub const LIMIT: Duration = Duration::from_secs(3);
/// After the server has given up by itself, its answer is on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// A session for questions.
#[derive(Debug)]
pub struct Session(Connection);

impl Session {
    /// Opens one. Of `pool`, which must lead to the server itself, it changes the connection's settings.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached.
    pub async fn open(pool: &Pool) -> Result<Self, StoreError> {
        let mut connection = pool.acquire().await?;
        let limit = sqlx::raw_sql("set statement_timeout = '3s'; set lock_timeout = '2s'");
        answered(async { Ok(limit.execute(connection.session()).await?) }).await?;
        Ok(Self(connection))
    }
}

/// Waits for an answer a little longer than the server may take for it.
async fn answered<T>(question: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    within(LIMIT + ON_ITS_WAY, question).await
}
