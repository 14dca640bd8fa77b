//! Another session of the database: who holds a lock, or keeps a transaction open.

use std::fmt;

use sqlx::Row;
use sqlx::postgres::PgRow;

/// Another session of the database, as far as our role may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The server process.
    pub pid: i32,
    /// The name that it gave itself.
    pub application_name: Option<String>,
    /// When it connected, or when its transaction began: UTC, ISO 8601.
    pub since: Option<String>,
}

impl Session {
    pub(super) fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            pid: row.try_get("pid")?,
            application_name: row.try_get("application_name")?,
            since: row.try_get("since")?,
        })
    }
}

impl fmt::Display for Session {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "pid {}", self.pid)?;
        match self.application_name.as_deref() {
            Some("") => write!(out, " (no application name)")?,
            Some(name) => write!(out, " ({name})")?,
            None => write!(out, " (application name hidden from this role)")?,
        }
        if let Some(since) = &self.since {
            write!(out, " since {since}")?;
        }
        Ok(())
    }
}
