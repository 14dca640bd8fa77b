//! A snapshot that somebody holds: what a long report or a forgotten session does to a database.

use sqlx::PgConnection;

use super::{ServerError, close, connect};

/// A transaction that sees the database as it was when it began. While it lasts, no row that died since can be cleared away.
#[derive(Debug)]
pub struct Snapshot(PgConnection);

impl Snapshot {
    /// Takes one.
    ///
    /// # Errors
    /// No connection.
    pub async fn hold(database: &str) -> Result<Self, ServerError> {
        let mut connection = connect(database).await?;
        sqlx::raw_sql("begin isolation level repeatable read; select count(*) from messaging.lanes")
            .execute(&mut connection)
            .await
            .map_err(|source| ServerError::Statement {
                what: "take a snapshot",
                source,
            })?;
        Ok(Self(connection))
    }

    /// Lets go of it.
    pub async fn release(self) {
        close(self.0).await;
    }
}
