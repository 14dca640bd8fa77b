//! Why a command did not run to its end, and the exit code for it.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use mailroom_store::migration::{MigrationError, Session};
use serde_json::{Value, json};

use crate::answer::{say, tell};
use crate::cli::Output;

/// Exit code: migrations are pending.
pub(crate) const PENDING: u8 = 3;
/// Exit code: the database contradicts this release.
pub(crate) const DAMAGED: u8 = 4;
/// Exit code: wrong usage.
pub(crate) const USAGE: u8 = 2;

/// Why a command did not run to its end. No message holds a password or a URL.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Usage(String),
    #[error("cannot start: {0}")]
    Runtime(#[source] io::Error),
    #[error("still pending after {:.1} s: {pending}", waited.as_secs_f32())]
    WaitTimeout { waited: Duration, pending: String },
    #[error("nothing was applied: `{command}`, which --before wants to succeed, did not: {why}")]
    Hook { command: String, why: String },
    #[error(transparent)]
    Migration(#[from] MigrationError),
}

impl Failure {
    /// A word for programs, and the exit code.
    fn kind(&self) -> (&'static str, u8) {
        match self {
            Self::Usage(_) | Self::Migration(MigrationError::NoSuchVersion { .. }) => ("usage", USAGE),
            Self::WaitTimeout { .. } => ("wait_timeout", 5),
            Self::Hook { .. } => ("hook_failed", 1),
            Self::Migration(MigrationError::NotEmpty { .. }) => ("not_empty", USAGE),
            Self::Migration(MigrationError::MayNot { .. }) => ("may_not", 1),
            Self::Migration(MigrationError::Url(_)) => ("bad_url", USAGE),
            Self::Migration(MigrationError::Connect { .. }) => ("cannot_connect", 6),
            Self::Migration(MigrationError::Pooled { .. }) => ("pooled_connection", 6),
            Self::Migration(MigrationError::LockTimeout { .. }) => ("lock_timeout", 5),
            Self::Migration(MigrationError::Blocked { .. }) => ("table_lock_timeout", 5),
            Self::Migration(MigrationError::Damaged { .. }) => ("damaged", DAMAGED),
            Self::Migration(MigrationError::NoWayBack { .. }) => ("no_way_back", DAMAGED),
            Self::Runtime(_) | Self::Migration(_) => ("failed", 1),
        }
    }

    /// Prints it: for people on stderr, for programs on stdout.
    pub(crate) fn print(&self, output: Output) -> ExitCode {
        let (_, exit) = self.kind();
        tell(format_args!("db-migrate: {self}"));
        if output == Output::Json {
            say(self.json());
        }
        ExitCode::from(exit)
    }

    fn json(&self) -> Value {
        let (code, exit) = self.kind();
        let mut error = json!({ "code": code, "message": self.to_string(), "exit": exit });
        match self {
            Self::Migration(MigrationError::LockTimeout { holder, .. }) => {
                error["holder"] = holder.as_ref().map_or(Value::Null, session);
            }
            Self::Migration(MigrationError::Blocked { suspects, .. }) => {
                error["oldest_transactions"] = suspects.iter().map(session).collect();
            }
            _ => {}
        }
        json!({ "error": error })
    }
}

fn session(session: &Session) -> Value {
    json!({ "pid": session.pid, "application_name": session.application_name, "since": session.since })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_the_lock_is_said_to_people_and_to_programs() {
        let holder = Session {
            pid: 42,
            application_name: Some("db-migrate@pod-1".into()),
            since: Some("2026-11-21T10:00:00Z".into()),
        };
        let waited = Duration::from_millis(1500);
        let failure = Failure::from(MigrationError::LockTimeout {
            waited,
            holder: Some(holder),
        });
        assert_eq!(
            failure.to_string(),
            "another migration holds the lock after 1.5 s of waiting; \
             it is held by pid 42 (db-migrate@pod-1) since 2026-11-21T10:00:00Z"
        );
        let json = failure.json();
        assert_eq!(json["error"]["code"], "lock_timeout");
        assert_eq!(json["error"]["exit"], 5);
        assert_eq!(json["error"]["holder"]["application_name"], "db-migrate@pod-1");
    }
}
