//! What `cargo dev test` tells the tests about the server and the programs it made for them.

use std::env;
use std::path::PathBuf;

/// The URL of the test server, with the right to make databases.
///
/// # Panics
/// Outside `cargo dev test`.
pub fn server_url() -> String {
    told("MAILROOM_TEST_SERVER_URL")
}

/// The name of the migrated database that each test's own is copied from.
///
/// # Panics
/// Outside `cargo dev test`.
pub(crate) fn template() -> String {
    told("MAILROOM_TEST_TEMPLATE")
}

/// The folder with the built programs.
///
/// # Panics
/// Outside `cargo dev test`.
pub fn bin_dir() -> PathBuf {
    PathBuf::from(told("MAILROOM_TEST_BIN_DIR"))
}

/// The folder with PostgreSQL's own programs; `None` when the tests run on a server that `DATABASE_URL` named.
pub fn postgres_bin() -> Option<PathBuf> {
    env::var_os("MAILROOM_TEST_PG_BIN").map(PathBuf::from)
}

fn told(variable: &str) -> String {
    env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run the tests with `cargo dev test`"))
}
