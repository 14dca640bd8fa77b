//! Maintenance for whoever measures: a server at rest.

use super::{ServerError, close, connect};

/// Vacuums and analyses every table, and writes all that is in memory to disk. Takes a superuser, or the role
/// `pg_checkpoint`.
///
/// # Errors
/// No connection, or no right.
pub async fn settle(database: &str) -> Result<(), ServerError> {
    let mut connection = connect(database).await?;
    for (what, statement) in [
        ("vacuum", "vacuum (analyze)"),
        ("make a checkpoint", "checkpoint"),
    ] {
        sqlx::raw_sql(statement)
            .execute(&mut connection)
            .await
            .map_err(|source| ServerError::Statement { what, source })?;
    }
    close(connection).await;
    Ok(())
}
