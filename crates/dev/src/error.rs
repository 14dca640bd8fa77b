//! What can go wrong in the developer tools, in the words the developer reads.

use std::io;

/// Why `cargo dev` gave up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DevError {
    /// No PostgreSQL was found or could be fetched; the text says what was tried and what to do.
    #[error("{0}")]
    NoPostgres(String),
    /// The server given is not one to play on.
    #[error("{0}")]
    Refused(String),
    /// The system refused something.
    #[error("could not {what}: {source}")]
    Io {
        /// What was to be done.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program that was started did not do its work.
    #[error("{program} failed{}", detail(.said))]
    Program {
        /// Its name.
        program: String,
        /// Its last words, if any.
        said: String,
    },
    /// The database server did not do its work.
    #[error(transparent)]
    Server(#[from] mailroom_store::server::ServerError),
    /// The schema could not be read.
    #[error(transparent)]
    Schema(#[from] mailroom_store::migration::MigrationError),
    /// Something asked for is not so; the text is the whole story.
    #[error("{0}")]
    Failed(String),
    /// Ctrl-C or SIGTERM.
    #[error("interrupted")]
    Interrupted,
}

impl DevError {
    /// For `map_err` on I/O: says what was to be done.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

fn detail(said: &str) -> String {
    if said.trim().is_empty() {
        String::new()
    } else {
        format!(":\n{}", said.trim_end())
    }
}
