//! `db-migrate`: see `--help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    mailroom_db_migrate::run(std::env::args_os(), |name| std::env::var(name).ok())
}
