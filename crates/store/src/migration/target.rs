//! The database to migrate: its URL, read once, never shown.

use std::fmt;
use std::io;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::error::MigrationError;
use crate::hosts;

/// A connection attempt that takes longer has failed; sqlx itself would wait for ever.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A database to migrate. It shows host, port and database, and no credentials.
#[derive(Clone)]
pub struct Target {
    /// One at least: a URL may name several.
    servers: Vec<PgConnectOptions>,
}

impl Target {
    /// Reads the URL. `application_name` is what others see us as while we hold the lock.
    ///
    /// # Errors
    /// [`MigrationError::Url`] when it is not the URL of a PostgreSQL database.
    pub fn parse(url: &str, application_name: &str) -> Result<Self, MigrationError> {
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(MigrationError::Url(
                "it must begin with postgres:// or postgresql://",
            ));
        }
        // What was wrong is not said: the answer could repeat a part of the URL.
        let servers = hosts::servers(url).ok_or(MigrationError::Url("it cannot be read"))?;
        let named = |server: PgConnectOptions| {
            server
                .application_name(application_name)
                .disable_statement_logging()
        };
        Ok(Self {
            servers: servers.into_iter().map(named).collect(),
        })
    }

    /// Opens a session and ends it: whether the database can be reached.
    ///
    /// # Errors
    /// [`MigrationError::Connect`], or [`MigrationError::Pooled`] when it is a pooler that answers.
    pub async fn reach(&self) -> Result<(), MigrationError> {
        // That it opened is the answer; a failed goodbye changes nothing.
        drop(self.connect().await?.close().await);
        Ok(())
    }

    /// Opens a session; where the URL names several servers, with the first that can write.
    ///
    /// # Errors
    /// [`MigrationError::Connect`], or [`MigrationError::Pooled`] when it is a pooler that answers. Of several servers
    /// that of the one that says most.
    pub(super) async fn connect(&self) -> Result<PgConnection, MigrationError> {
        let mut cause = sqlx::Error::Io(io::ErrorKind::AddrNotAvailable.into());
        for server in &self.servers {
            let opened = tokio::time::timeout(CONNECT_TIMEOUT, self.open(server)).await;
            let why = match opened {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(why)) => why,
                Err(_) => sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "no answer within 10 s")),
            };
            // What a server says of itself tells more than that another cannot be reached, or cannot write.
            if matches!(cause, sqlx::Error::Io(_)) {
                cause = why;
            }
        }
        // Only a pooler refuses the settings that every driver sends along.
        if let sqlx::Error::Database(said) = &cause
            && said.message().contains("unsupported startup parameter")
        {
            return Err(MigrationError::Pooled {
                place: self.to_string(),
            });
        }
        Err(MigrationError::Connect {
            place: self.to_string(),
            cause,
        })
    }

    async fn open(&self, server: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
        let mut connection = PgConnection::connect_with(server).await?;
        // Whoever names one server alone means that one.
        if self.servers.len() > 1 && hosts::is_read_only(&mut connection).await? {
            drop(connection.close().await);
            return Err(sqlx::Error::Io(io::Error::new(
                io::ErrorKind::ReadOnlyFilesystem,
                "none of these servers can write",
            )));
        }
        Ok(connection)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, server) in self.servers.iter().enumerate() {
            let separator = if number == 0 { "" } else { "," };
            match server.get_socket() {
                Some(socket) => write!(out, "{separator}{}", socket.display())?,
                None => write!(out, "{separator}{}:{}", server.get_host(), server.get_port())?,
            }
        }
        let database = |server: &PgConnectOptions| {
            let name = server.get_database().unwrap_or_else(|| server.get_username());
            name.to_owned()
        };
        write!(out, "/{}", self.servers.first().map(database).unwrap_or_default())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Target({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_where_and_not_with_what() {
        let target = Target::parse("postgres://anna:s3cret@db.example:6432/mail", "test").unwrap();
        assert_eq!(target.to_string(), "db.example:6432/mail");
        assert_eq!(format!("{target:?}"), "Target(db.example:6432/mail)");
    }

    #[test]
    fn a_bad_url_is_not_repeated() {
        for url in [
            "anna:s3cret@db",
            "postgres://anna:s3cret@db:port/mail",
            "mysql://anna:s3cret@db/x",
        ] {
            let refusal = Target::parse(url, "test").unwrap_err();
            assert!(
                !format!("{refusal} {refusal:?}").contains("s3cret"),
                "{refusal:?}"
            );
        }
    }
}
