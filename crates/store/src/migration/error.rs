//! What can go wrong while a schema is read or moved.

use std::time::Duration;

use sqlx::migrate::MigrateError;

use super::plan::Entry;
use super::session::Session;
use crate::trouble::Trouble;

/// Why a schema could not be read or moved. No message holds a password or a URL.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// The URL is not one of a PostgreSQL database.
    #[error("this is not the URL of a PostgreSQL database (postgres://user:password@host:5432/name): {0}")]
    Url(&'static str),
    /// No session could be had.
    #[error("cannot connect to {place}: {cause}{}", remedy(cause))]
    Connect {
        /// Host, port and database.
        place: String,
        /// What the server or the system said.
        #[source]
        cause: sqlx::Error,
    },
    /// A pooler hands out another server session for each transaction: a lock taken through it protects
    /// nothing, and may be left behind.
    #[error(
        "{place} is a connection pooler in transaction mode: migrations need a session of their own; \
         give the direct URL of PostgreSQL (MAILROOM_DIRECT_DATABASE_URL)"
    )]
    Pooled {
        /// Host, port and database.
        place: String,
    },
    /// Somebody else is migrating, and went on for longer than we were to wait.
    #[error("another migration holds the lock after {:.1} s of waiting{}", waited.as_secs_f32(), held_by(holder.as_ref()))]
    LockTimeout {
        /// How long we waited.
        waited: Duration,
        /// Who holds it, if the server says.
        holder: Option<Session>,
    },
    /// A migration could not get a lock on what it changes, several times in a row.
    #[error(
        "{set} {version} could not lock what it changes, in {attempts} attempts; the oldest open \
         transactions are: {}",
        listed(suspects)
    )]
    Blocked {
        /// The set.
        set: &'static str,
        /// The migration.
        version: i64,
        /// How often it was tried.
        attempts: u32,
        /// The sessions with the oldest open transactions, oldest first.
        suspects: Vec<Session>,
    },
    /// The database and this release contradict each other.
    #[error("{set} is damaged: {}", faults(damage))]
    Damaged {
        /// The set.
        set: &'static str,
        /// The migrations at fault.
        damage: Vec<Entry>,
    },
    /// The server refused a migration. Nothing of it was kept, unless it runs without a transaction.
    #[error("{set} {version} failed: {}{}", said(cause), in_part(*alone))]
    Failed {
        /// The set.
        set: &'static str,
        /// The migration.
        version: i64,
        /// Whether it runs without a transaction.
        alone: bool,
        /// What the server said.
        #[source]
        cause: MigrateError,
    },
    /// The version to return to is not one of this release's.
    #[error("{set} has no version {version}: {}", choices(known))]
    NoSuchVersion {
        /// The set.
        set: &'static str,
        /// The version asked for.
        version: i64,
        /// The versions there are.
        known: Vec<i64>,
    },
    /// There is something written down about a set of which nothing was expected.
    #[error("{set} has bookkeeping already: `db-migrate status` shows it, `up` goes on from there")]
    NotEmpty {
        /// The set.
        set: &'static str,
    },
    /// The login may not make roles, or not grant what belongs to somebody else.
    #[error(
        "this login may not do that: {cause}; roles are made by one with CREATEROLE, and rights are granted by the owner \
         of the schemas (mailroom_owner) or a superuser: have each run `db-migrate roles` once"
    )]
    MayNot {
        /// What the server said.
        #[source]
        cause: sqlx::Error,
    },
    /// This release has no way back from a migration.
    #[error("this release cannot undo {set} {version}: use the db-migrate of the release that applied it")]
    NoWayBack {
        /// The set.
        set: &'static str,
        /// The migration.
        version: i64,
    },
    /// The server refused a question.
    #[error("the database refused: {0}")]
    Database(#[from] sqlx::Error),
}

impl MigrationError {
    /// Whether the server is only away or still starting, or our role has not been given its rights yet, so that trying
    /// again makes sense.
    pub fn is_not_yet(&self) -> bool {
        match self {
            Self::Connect { cause, .. } if Trouble::of(cause).is_some_and(Trouble::stays) => false,
            Self::Connect {
                cause: sqlx::Error::Io(_),
                ..
            } => true,
            Self::Connect {
                cause: sqlx::Error::Database(said),
                ..
            } => {
                matches!(
                    said.code().as_deref(),
                    Some("53300" | "57P01" | "57P02" | "57P03")
                )
            }
            Self::Database(sqlx::Error::Database(said)) => said.code().as_deref() == Some("42501"),
            _ => false,
        }
    }
}

/// Without the line of PostgreSQL's own source, which sqlx shows as if it were one of the migration.
fn said(cause: &MigrateError) -> String {
    match cause {
        MigrateError::Execute(sqlx::Error::Database(said))
        | MigrateError::ExecuteMigration(sqlx::Error::Database(said), _) => said.message().to_owned(),
        other => other.to_string(),
    }
}

const fn in_part(alone: bool) -> &'static str {
    if alone {
        "; it runs without a transaction and may have been done in part: `db-migrate verify` names what is left of it, and \
         what to do"
    } else {
        ""
    }
}

fn remedy(cause: &sqlx::Error) -> String {
    Trouble::of(cause).map_or_else(String::new, |trouble| format!("; {trouble}"))
}

fn held_by(holder: Option<&Session>) -> String {
    holder.map_or_else(String::new, |holder| format!("; it is held by {holder}"))
}

fn listed(sessions: &[Session]) -> String {
    if sessions.is_empty() {
        return "none that this role may see".to_owned();
    }
    sessions
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

fn faults(damage: &[Entry]) -> String {
    let faults: Vec<_> = damage
        .iter()
        .map(|entry| format!("{} {} is {}", entry.version, entry.name, entry.standing.as_str()))
        .collect();
    faults.join(", ")
}

fn choices(known: &[i64]) -> String {
    let known: Vec<_> = known.iter().map(ToString::to_string).collect();
    format!("there are 0 (nothing applied), {}", known.join(", "))
}
