//! The command line of `cargo dev`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use mailroom_providers::signing::SIGNERS;

use crate::chaos::Mutant;
use crate::suite::Through;

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
        /// Have the tests go to it through PgBouncer in transaction mode, which must be installed
        #[arg(long, value_name = "HOW")]
        through_pgbouncer: Option<Through>,
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
    /// Measure the real programs on a durable private server, or the adapters on their own
    Bench(Bench),
    /// Try to lose, double or disorder events: a private world, a provider who remembers everything, and faults
    ///
    /// Two `PostgreSQL` servers (a primary and its synchronous standby), gateways and workers, each with a line of its own to
    /// the database. Faults are drawn from one seed. Exits with 0 when every acknowledged event is there once and in order,
    /// and nothing is stuck; with 1 otherwise, and then everything is kept for a look.
    Chaos(Chaos),
    /// Send one request, signed as its provider signs, to any URL
    ///
    /// Exits with 0 when every answer was 2xx, and with 1 otherwise. Without --key-file and `MAILROOM_SEND_KEY` it signs
    /// with the key of the demonstration, which opens nothing but endpoints that were given it.
    Send(Sending),
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

/// What to try.
#[derive(Debug, Clone, Args)]
pub(crate) struct Chaos {
    /// Send on until so many events are acknowledged
    #[arg(long, default_value_t = 20_000)]
    pub(crate) events: u64,
    /// Play so many faults
    #[arg(long, default_value_t = 40)]
    pub(crate) faults: usize,
    /// Instead of faults: restart every gateway and worker so many times, in turn, behind a balancer; no request may fail
    #[arg(long, default_value_t = 0, conflicts_with_all = ["faults", "mutants"])]
    pub(crate) rolls: usize,
    /// What faults and senders are drawn from [default: a new one, printed]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Number of gateways
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) gateways: u8,
    /// Number of workers
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) workers: u8,
    /// Events a second, at most
    #[arg(long, default_value_t = 1_000)]
    pub(crate) rate: u32,
    /// Number of senders
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) senders: u32,
    /// Number of conversations
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) conversations: u32,
    /// Try mailroom with a known bug instead, which has to be found: exits with 1
    #[arg(long, value_enum, conflicts_with = "ledger")]
    pub(crate) mutant: Option<Mutant>,
    /// Try every mutant, one after the other: exits with 0 when each was found out
    #[arg(long, conflicts_with_all = ["ledger", "mutant", "output"])]
    pub(crate) mutants: bool,
    /// Programs as they are built soonest
    #[arg(long)]
    pub(crate) debug: bool,
    /// Leave everything behind, and say where
    #[arg(long)]
    pub(crate) keep: bool,
    /// Add a line on this run to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// Form of the report on standard output
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

/// What to send, and where to.
#[derive(Debug, Clone, Args)]
pub(crate) struct Sending {
    /// Who signs it
    #[arg(value_parser = PossibleValuesParser::new(SIGNERS.iter().map(|signer| signer.name())))]
    pub(crate) provider: String,
    /// Where to send it; without a path, to `/webhooks/PROVIDER/ENDPOINT` there
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub(crate) to: String,
    /// Name of the endpoint [default: the provider's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) endpoint: Option<String>,
    /// The URL that the provider was given, where it signs that [default: the one of --to; with the demonstration's key,
    /// the demonstration's]
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// The exact body, `-` for standard input; in a file `.http` headers and an empty line come before it [default: a
    /// sample]
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// A header to send as well, or instead
    #[arg(long = "header", value_name = "NAME:VALUE", value_parser = header)]
    pub(crate) headers: Vec<(String, String)>,
    /// How often to send the very same request
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) times: u32,
    /// A file with the key to sign with, in place of the variable `MAILROOM_SEND_KEY`
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Form of the answers on standard output
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

impl Sending {
    /// The endpoint that is called.
    pub(crate) fn endpoint(&self) -> &str {
        self.endpoint.as_deref().unwrap_or(&self.provider)
    }
}

fn header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once(':').ok_or("a header is NAME:VALUE")?;
    Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
}

/// What to measure, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct Bench {
    /// `latency`: from the request to its 202, and from there to the message in the API; `adapters`: what verifying and
    /// splitting a request costs, by provider; `overload`: ten times as many requests as the gateway can record; `ingest`:
    /// requests a second, beside a handler that inserts one row for each; `pipeline`: waiting events that become
    /// messages, beside a plain SQL loop; `together`: from the first request to the last message; `read`: pages of
    /// conversations and messages, among many; `churn`: the last events against the first while somebody holds a
    /// snapshot; `memory`: what gateway and worker hold; `all`: each of these
    #[arg(value_enum)]
    pub(crate) what: Benchmark,
    /// Events a second
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub(crate) rate: u32,
    /// Seconds of each round
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) seconds: u32,
    /// Connections of `ingest`, `together`, `churn` and `memory`
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub(crate) connections: u32,
    /// Events of each round of `pipeline` and `churn`
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    pub(crate) events: u32,
    /// Messages among which `read` reads; what the database held goes
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(200_000..=100_000_000))]
    pub(crate) messages: u64,
    /// Conversations that these are of
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=5_000_000))]
    pub(crate) conversations: u64,
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
    /// Verifying and splitting, on one core and without a server.
    Adapters,
    /// More than can be done.
    Overload,
    /// What is answered after its commit.
    Ingest,
    /// What becomes messages.
    Pipeline,
    /// Both at once.
    Together,
    /// What is read.
    Read,
    /// What somebody who holds a snapshot does to it.
    Churn,
    /// What it takes of memory.
    Memory,
    /// Each of these.
    All,
}
