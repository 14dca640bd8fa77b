//! What can go wrong with the database, sorted by what to do about it.

use crate::{read_only, trouble::Trouble};

/// A failed operation of the store. Its text names codes and constraints, never values.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database URL cannot be read.
    #[error("the database URL cannot be read; expected postgres://user:password@host:port/database")]
    BadUrl,
    /// No connection could be had in time; nothing was sent. Trying again later can help.
    #[error("the database cannot be reached: no connection in time")]
    Unreachable,
    /// The database was lost half-way; what was sent may have been done. Trying again can help.
    #[error("the database is unavailable: {reason}")]
    Unavailable {
        /// What kind of connection trouble it was.
        reason: String,
    },
    /// The database says that it cannot, for reasons of its own: its disk is full, it shuts down, a table or a right is
    /// missing. That is no statement's fault, and trying again helps when somebody has mended it.
    #[error("the database is unwell: SQLSTATE {code}{}", remedy(code))]
    Unwell {
        /// SQLSTATE.
        code: String,
    },
    /// The database undid it to let another go on (a deadlock). Trying again at once helps.
    #[error("the database let another go first")]
    Undone,
    /// The database refused a value or a statement. Trying again cannot help.
    #[error("the database refused it: SQLSTATE {code}{}", constraint.as_ref().map(|name| format!(", constraint {name}")).unwrap_or_default())]
    Refused {
        /// SQLSTATE.
        code: String,
        /// The constraint that spoke, where one did.
        constraint: Option<String>,
    },
    /// A row that this release cannot read.
    #[error("{table}.{column} of row {row} holds what this release cannot read")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's id.
        row: uuid::Uuid,
    },
}

/// What to do about it, where that can be told from the code.
fn remedy(code: &str) -> &'static str {
    match code {
        "3F000" | "42P01" | "42703" => " (the schema of this release is not there: see `db-migrate status`)",
        "42501" => " (a right is missing: see `db-migrate roles`)",
        "26000" | "42P05" => {
            " (a pooler is between that does not know what was prepared: see database.prepared_statements)"
        }
        "08P01" => {
            " (a pooler between says so: its server is away, or it does not take what is sent: see database.pooled and \
             database.prepared_statements)"
        }
        "28P01" => " (the password is wrong)",
        "28000" => " (the server lets nobody of this name in from here)",
        "3D000" => " (there is no such database)",
        "57P01" | "57P02" | "57P03" => " (it is stopping, or starting)",
        "53100" => " (its disk is full)",
        "53300" => " (it has no connection left)",
        _ => "",
    }
}

impl StoreError {
    /// Whether the same operation may succeed later.
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable | Self::Unavailable { .. } | Self::Unwell { .. } | Self::Undone
        )
    }
}

/// SQLSTATE classes by which a value itself is at fault, so that trying again cannot help: cardinality, data,
/// constraints, program limits (PostgreSQL manual, appendix A). Whatever else the server says, a missing table or
/// right as much as a shutdown, is trouble of ours that will be mended.
const REFUSALS: [&str; 4] = ["21", "22", "23", "54"];

const DEADLOCK: &str = "40P01";

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let unavailable = |reason: &str| Self::Unavailable {
            reason: reason.to_owned(),
        };
        if let Some(trouble) = Trouble::of(&error) {
            return unavailable(&trouble.to_string());
        }
        match error {
            sqlx::Error::Database(refusal) => {
                let code = refusal.code().unwrap_or_default().into_owned();
                if code == read_only::SQLSTATE {
                    return read_only::met();
                }
                if code == DEADLOCK {
                    return Self::Undone;
                }
                if REFUSALS.iter().any(|class| code.starts_with(class)) {
                    Self::Refused {
                        code,
                        constraint: refusal.constraint().map(str::to_owned),
                    }
                } else {
                    Self::Unwell { code }
                }
            }
            sqlx::Error::Io(cause) => Self::Unavailable {
                reason: format!("{:?}", cause.kind()),
            },
            sqlx::Error::PoolTimedOut => Self::Unreachable,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => unavailable("the pool is closed"),
            sqlx::Error::Protocol(_) => unavailable("protocol"),
            // What is left are encoding and decoding errors: values that do not fit their columns.
            _ => Self::Refused {
                code: "client".to_owned(),
                constraint: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_trouble_can_be_tried_again() {
        let lost = sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into());
        assert!(StoreError::from(lost).is_transient());
        assert!(StoreError::from(sqlx::Error::PoolTimedOut).is_transient());
    }
}
