//! The command line of `cargo dev`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Everything a developer of mailroom runs, on a PostgreSQL of its own.
///
/// Without a command: finds or fetches PostgreSQL, starts the gateway and its workers, plays recorded provider
/// traffic at them, shows the conversations that came of it, and stays up until Ctrl-C.
///
/// `DATABASE_URL`, when set, names the server to use instead; only the database it names is made or touched.
/// `MAILROOM_PG_BIN` names a folder with PostgreSQL's programs, `MAILROOM_PG_DOWNLOAD` a mirror to fetch them from.
#[derive(Debug, Parser)]
#[command(
    name = "cargo dev",
    bin_name = "cargo dev",
    version,
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// How to run the demonstration.
    #[command(flatten)]
    pub(crate) demo: Demo,
}

/// How to run the demonstration.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Check what arrived against what was sent, and exit: 0 when it is all there, once
    #[arg(long)]
    pub(crate) once: bool,
    /// Leave the data directory of the private server behind, and say where
    #[arg(long)]
    pub(crate) keep: bool,
    /// Number of workers
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) workers: u8,
    /// Form of the summary on standard output
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
    /// Which server.
    #[command(flatten)]
    pub(crate) server: Remote,
}

/// Which servers are fair game.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Remote {
    /// Use the server of `DATABASE_URL` even if it is on another machine
    #[arg(long)]
    pub(crate) allow_remote: bool,
}

/// Form of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The commands beside the demonstration.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the tests on a private server, a database for each test that asks
    ///
    /// Arguments go to `cargo test`: `cargo dev test -p mailroom-store`, `cargo dev test -- --nocapture`.
    Test {
        /// Which server.
        #[command(flatten)]
        server: Remote,
        /// Arguments of `cargo test`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Describe the queries anew in .sqlx, against a freshly migrated database
    Prepare {
        /// Only compare, and fail when .sqlx is not what it should be
        #[arg(long)]
        check: bool,
    },
    /// Run a private PostgreSQL until Ctrl-C, and print the line that opens it in `psql`
    Postgres {
        /// Fast and forgetful: no write waits for the disk
        #[arg(long)]
        throwaway: bool,
        /// Leave its data directory behind, and say where
        #[arg(long)]
        keep: bool,
    },
    /// Measure the real programs on a durable private server
    Bench(Bench),
    /// Tell what this machine offers and what `cargo dev` would use
    Doctor,
    /// Fail when a migration that was ever merged has changed or is gone
    MigrationsCheck,
    /// (internal) Clear up after a run that was killed
    #[command(hide = true)]
    Guard {
        /// Directory of the run
        directory: PathBuf,
    },
}

/// What to measure, and how.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// `latency`: from the request to its 202, and from there to the message in the API
    #[arg(value_enum)]
    pub(crate) what: Benchmark,
    /// Events a second
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub(crate) rate: u32,
    /// Seconds of each round
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) seconds: u32,
    /// Rounds
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rounds: u32,
    /// Number of workers
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) workers: u8,
    /// Measure a debug build: sooner, and not what is shipped
    #[arg(long)]
    pub(crate) debug: bool,
    /// Form of the figures on standard output
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
    /// Which server.
    #[command(flatten)]
    pub(crate) server: Remote,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Benchmark {
    /// Latency at a steady rate.
    Latency,
}
