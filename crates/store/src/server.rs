//! What concerns a whole server and not the schema: databases made, copied and dropped, readiness, durability.

mod address;
pub mod evidence;
pub mod maintenance;
pub mod snapshot;
pub mod standby;
mod watch;

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tokio::time::Instant;

pub use address::Address;
pub use watch::{Busy, Watch};

/// How long one attempt to connect may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Pause between two attempts while waiting for a server that is starting.
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// How often a copy is tried when the template is in use for a moment (autovacuum, a late disconnect).
const COPY_ATTEMPTS: u32 = 40;

/// Why an administrative statement failed. No variant ever carries a password.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The URL is not one of PostgreSQL.
    #[error("not a PostgreSQL URL (postgres://user:password@host:port/database): {0}")]
    Url(&'static str),
    /// The name can not be one of a database.
    #[error("not the name of a database: it is empty, longer than 63 bytes, or holds a NUL")]
    Name,
    /// No connection to the server.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// Host, port and database, without credentials.
        address: String,
        /// What the driver said.
        source: sqlx::Error,
    },
    /// The server did not answer in time.
    #[error("{address} did not answer within {} ms", within.as_millis())]
    Silent {
        /// Host, port and database, without credentials.
        address: String,
        /// How long it was waited for.
        within: Duration,
    },
    /// The server refused a statement.
    #[error("could not {what}: {source}")]
    Statement {
        /// What was to be done, in words.
        what: &'static str,
        /// What the server said.
        source: sqlx::Error,
    },
}

impl ServerError {
    /// Whether the server is there and only the database is not.
    pub fn is_unknown_database(&self) -> bool {
        matches!(self, Self::Connect { source, .. } if has_code(source, &["3D000"]))
    }
}

/// One setting of the server and the value it has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Setting {
    /// Its name as in `postgresql.conf`.
    pub name: &'static str,
    /// Its value as `SHOW` prints it.
    pub value: String,
}

/// Makes an empty database; `false` when one of that name is there already. `server` is a URL with the right
/// to make databases.
///
/// # Errors
/// No connection, a bad name, or the right is missing.
pub async fn create_database(server: &str, name: &str) -> Result<bool, ServerError> {
    let statement = format!("create database {}", quoted(name)?);
    let mut connection = connect(server).await?;
    let made = sqlx::query(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await;
    close(connection).await;
    match made {
        Ok(_) => Ok(true),
        // 42P04: there already; 23505: two made it in the same instant.
        Err(error) if has_code(&error, &["42P04", "23505"]) => Ok(false),
        Err(source) => Err(ServerError::Statement {
            what: "create the database",
            source,
        }),
    }
}

/// Makes a database as a copy of `template`, which nobody may be connected to; waits a little when somebody is.
///
/// # Errors
/// No connection, a bad name, the template stays in use, or the right is missing.
pub async fn create_database_from(server: &str, name: &str, template: &str) -> Result<(), ServerError> {
    let statement = format!("create database {} template {}", quoted(name)?, quoted(template)?);
    let mut connection = connect(server).await?;
    let mut attempt = 0;
    let made = loop {
        attempt += 1;
        match sqlx::query(AssertSqlSafe(statement.clone()))
            .execute(&mut connection)
            .await
        {
            // 55006: the template is being accessed by other users.
            Err(error) if has_code(&error, &["55006"]) && attempt < COPY_ATTEMPTS => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            made => break made,
        }
    };
    close(connection).await;
    made.map(drop).map_err(|source| ServerError::Statement {
        what: "copy the template database",
        source,
    })
}

/// Drops a database and whoever is still connected to it. Nothing happens when it is not there.
///
/// # Errors
/// No connection, a bad name, or it belongs to somebody else.
pub async fn drop_database(server: &str, name: &str) -> Result<(), ServerError> {
    let statement = format!("drop database if exists {} with (force)", quoted(name)?);
    let mut connection = connect(server).await?;
    let dropped = sqlx::query(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await;
    close(connection).await;
    dropped.map(drop).map_err(|source| ServerError::Statement {
        what: "drop the database",
        source,
    })
}

/// The databases whose name begins with `prefix`, in the order of their names.
///
/// # Errors
/// No connection.
pub async fn databases(server: &str, prefix: &str) -> Result<Vec<String>, ServerError> {
    let mut connection = connect(server).await?;
    let names = sqlx::query_scalar(
        "select datname::text from pg_catalog.pg_database where starts_with(datname::text, $1) order by 1",
    )
    .bind(prefix)
    .fetch_all(&mut connection)
    .await;
    close(connection).await;
    names.map_err(|source| ServerError::Statement {
        what: "list the databases",
        source,
    })
}

/// The settings that decide whether an acknowledged commit outlives a power cut.
///
/// # Errors
/// No connection.
pub async fn durability_settings(server: &str) -> Result<Vec<Setting>, ServerError> {
    let mut connection = connect(server).await?;
    let row = sqlx::query(
        "select current_setting('fsync'), current_setting('synchronous_commit'),
                current_setting('full_page_writes'), current_setting('wal_sync_method')",
    )
    .fetch_one(&mut connection)
    .await;
    close(connection).await;
    let row = row.map_err(|source| ServerError::Statement {
        what: "read the settings",
        source,
    })?;
    [
        "fsync",
        "synchronous_commit",
        "full_page_writes",
        "wal_sync_method",
    ]
    .into_iter()
    .enumerate()
    .map(|(column, name)| {
        row.try_get(column)
            .map(|value| Setting { name, value })
            .map_err(|source| ServerError::Statement {
                what: "read the settings",
                source,
            })
    })
    .collect()
}

/// Waits until the server takes a connection and answers; gives its version (`15.18`).
///
/// # Errors
/// It did not answer in time, or the connection is refused for a reason that waiting does not mend
/// (password, unknown database).
pub async fn wait_until_ready(server: &str, within: Duration) -> Result<String, ServerError> {
    let until = Instant::now() + within;
    loop {
        match version(server).await {
            Ok(version) => return Ok(version),
            // 28*: who are you; 3D000: no such database. Anything else may be a server on its way up.
            Err(ServerError::Connect { address, source })
                if has_code(&source, &["28P01", "28000", "3D000"]) || Instant::now() >= until =>
            {
                return Err(ServerError::Connect { address, source });
            }
            Err(error @ (ServerError::Url(_) | ServerError::Name)) => return Err(error),
            Err(error) if Instant::now() >= until => return Err(error),
            Err(_) => tokio::time::sleep(LOOK_AGAIN).await,
        }
    }
}

/// The version of the server, as it names it.
async fn version(server: &str) -> Result<String, ServerError> {
    let mut connection = connect(server).await?;
    let version = sqlx::query_scalar("select current_setting('server_version')")
        .fetch_one(&mut connection)
        .await;
    close(connection).await;
    version.map_err(|source| ServerError::Statement {
        what: "ask for the version",
        source,
    })
}

async fn connect(server: &str) -> Result<PgConnection, ServerError> {
    let address = Address::parse(server)?;
    match tokio::time::timeout(CONNECT_WITHIN, PgConnection::connect_with(address.options())).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(source)) => Err(ServerError::Connect {
            address: address.to_string(),
            source,
        }),
        Err(_) => Err(ServerError::Silent {
            address: address.to_string(),
            within: CONNECT_WITHIN,
        }),
    }
}

/// A polite goodbye; the server frees the slot at once instead of when it notices.
async fn close(connection: PgConnection) {
    // The answer is already in hand: a failed goodbye changes nothing.
    let _ = connection.close().await;
}

fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| codes.contains(&&*code))
}

/// A name as a quoted identifier: `my-"db"` becomes `"my-""db"""`.
fn quoted(name: &str) -> Result<String, ServerError> {
    if name.is_empty() || name.len() > 63 || name.contains('\0') {
        return Err(ServerError::Name);
    }
    Ok(format!("\"{}\"", name.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_not_leave_its_quotes() {
        assert_eq!(
            quoted(r#"a"; drop database b; --"#).unwrap(),
            r#""a""; drop database b; --""#
        );
        assert!(matches!(quoted(""), Err(ServerError::Name)));
        assert!(matches!(quoted(&"x".repeat(64)), Err(ServerError::Name)));
    }

    #[tokio::test]
    async fn an_unreachable_server_is_named_without_its_password() {
        let url = "postgres://somebody:hunter2@127.0.0.1:1/mail";
        let error = wait_until_ready(url, Duration::from_millis(60))
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("127.0.0.1:1/mail"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
