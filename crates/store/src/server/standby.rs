//! A server and its standby: who waits for whom, and who takes over.

use sqlx::{AssertSqlSafe, Row};

use super::{ServerError, close, connect};

/// Makes every commit wait until one standby has it on disk, or none.
///
/// # Errors
/// No connection, or not a superuser.
pub async fn wait_for_standby(server: &str, wait: bool) -> Result<(), ServerError> {
    let names = if wait { "ANY 1 (*)" } else { "" };
    ask(
        server,
        "set the standbys to wait for",
        &format!("alter system set synchronous_standby_names = '{names}'"),
    )
    .await?;
    ask(server, "reload the settings", "select pg_reload_conf()").await
}

/// Whether every commit waits for a standby, and one has everything up to now.
///
/// # Errors
/// No connection.
pub async fn is_synchronous(server: &str) -> Result<bool, ServerError> {
    let mut connection = connect(server).await?;
    let row = sqlx::query(
        "select current_setting('synchronous_standby_names') <> ''
                and exists (select from pg_stat_replication where state = 'streaming' and sync_state = 'quorum')",
    )
    .fetch_one(&mut connection)
    .await;
    close(connection).await;
    row.and_then(|row| row.try_get(0))
        .map_err(|source| ServerError::Statement {
            what: "look at the standby",
            source,
        })
}

/// Makes a standby the one that writes.
///
/// # Errors
/// No connection, or it is no standby.
pub async fn promote(server: &str) -> Result<(), ServerError> {
    ask(server, "promote the standby", "select pg_promote(true, 30)").await?;
    // Until its first checkpoint its control file names the old timeline, and `pg_rewind` of PostgreSQL before 16 finds
    // that there is nothing to rewind (documentation of `pg_rewind`, 15, "Notes").
    ask(server, "write a checkpoint", "checkpoint").await
}

async fn ask(server: &str, what: &'static str, statement: &str) -> Result<(), ServerError> {
    let mut connection = connect(server).await?;
    let done = sqlx::query(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await;
    close(connection).await;
    done.map(drop)
        .map_err(|source| ServerError::Statement { what, source })
}
