//! The way of the tests to their server through `PgBouncer`.

use clap::ValueEnum;
use mailroom_test_support::{Detours, Prepared};

use crate::error::DevError;

/// What it is to do with prepared statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Through {
    /// It knows which client prepared what: from 1.21 on
    Prepared,
    /// It does not, as before 1.21; any will do
    Plain,
}

impl Through {
    /// Starts those that are needed before a server.
    pub(super) fn start(self, server: &str) -> Result<Detours, DevError> {
        let prepared = match self {
            Self::Prepared => Prepared::Known,
            Self::Plain => Prepared::Unknown,
        };
        Detours::start(server, prepared).ok_or_else(|| {
            let remedy =
                "there is no PgBouncer that can do that: install one, or name it by MAILROOM_PGBOUNCER";
            DevError::Failed(remedy.to_owned())
        })
    }
}
