//! What is told while a schema is moved, and how patient to be.

use std::time::Duration;

use super::session::Session;

/// How patient to be.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long to wait for another migration to end.
    pub lock_timeout: Duration,
    /// How long one attempt of a migration may wait for a table. Whatever it waits behind, new queries on that
    /// table wait behind it: so it is short, and tried again.
    pub table_lock_timeout: Duration,
    /// The last version to apply; all, when there is none. Undoing does not look at it.
    pub to: Option<i64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lock_timeout: Duration::from_secs(30),
            table_lock_timeout: Duration::from_secs(1),
            to: None,
        }
    }
}

/// One migration, applied or undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The set.
    pub set: &'static str,
    /// The version.
    pub version: i64,
    /// The name.
    pub name: String,
    /// How long the server took.
    pub took: Duration,
}

/// What happens, as it happens.
#[derive(Debug)]
pub enum Progress<'a> {
    /// Another migration is running; we wait for it. Told once.
    Waiting {
        /// Who it is, if the server says.
        holder: Option<&'a Session>,
    },
    /// A migration could not lock a table and will be tried again.
    Blocked {
        /// The set.
        set: &'static str,
        /// The version.
        version: i64,
        /// Which attempt failed, from 1.
        attempt: u32,
    },
    /// A migration was applied.
    Applied(&'a Moved),
    /// A migration was undone.
    Undone(&'a Moved),
}

/// Whoever watches.
pub type Watch<'a> = dyn FnMut(&Progress<'_>) + Send + 'a;
