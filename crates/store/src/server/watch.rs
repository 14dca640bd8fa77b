//! Watches who is in the middle of a statement.

use sqlx::{FromRow, PgConnection};

use super::{ServerError, connect};

/// Somebody in the middle of a statement.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Busy {
    /// Its process.
    pub process: i32,
    /// What the session calls itself.
    pub program: String,
    /// Whether its transaction has a number. Until then nobody else can know that it is about to write.
    pub writes: bool,
}

/// A session that looks at the others of its database.
#[derive(Debug)]
pub struct Watch(PgConnection);

impl Watch {
    /// Connects.
    ///
    /// # Errors
    /// No connection.
    pub async fn start(database: &str) -> Result<Self, ServerError> {
        connect(database).await.map(Self)
    }

    /// The sessions that are in the middle of a statement, and wait for nothing.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn busy(&mut self) -> Result<Vec<Busy>, ServerError> {
        sqlx::query_as(
            "select pid as process, application_name as program, backend_xid is not null as writes from pg_stat_activity
             where datname = current_database() and backend_type = 'client backend' and state = 'active'
                 and wait_event is null and pid <> pg_backend_pid()",
        )
        .fetch_all(&mut self.0)
        .await
        .map_err(|source| ServerError::Statement {
            what: "look who is busy",
            source,
        })
    }
}
