//! The command line.

use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use mailroom_store::migration::{Options, Set, sets};

use crate::duration;

const EXAMPLES: &str = "\
The database is, in this order: --database-url, MAILROOM_DIRECT_DATABASE_URL, DATABASE_URL. Each variable may
be given with _FILE appended, naming a file that holds the URL (a mounted secret). A set may be in a database of its own:
MAILROOM_DIRECTORY_DATABASE_URL and its like come before the common ones. The URL must lead to PostgreSQL
itself: through a pooler in transaction mode, up and down are refused.

Examples:
  db-migrate up                                  apply what is pending; any number may start at once
  db-migrate up --wait-for-db 60s                the same, on a server that is still starting
  db-migrate up --dry-run                        what would be applied
  db-migrate up --before ./snapshot              run ./snapshot first if anything is pending; go on only if it succeeds
  db-migrate roles                               give the programs' roles what this release needs
  db-migrate status                              what is applied and what is not
  db-migrate status --check                      the same; exit code 3 while something is pending
  db-migrate verify                              whether the database is what its bookkeeping says
  db-migrate wait --timeout 2m                   until somebody else has applied this release's migrations
  db-migrate down --set mailbox --to 0           what would be undone
  db-migrate down --set mailbox --to 0 --yes     undo it; the data goes with it
  db-migrate status --output json | jq .state

Exit codes:
  0  done (a database newer than this release is in order: migrations add before they take away)
  1  failed: the server refused a migration or a question
  2  wrong usage, or `down` without --yes when there is something to undo
  3  `status --check`: migrations are pending
  4  the database contradicts this release: an applied migration was edited, is unfinished or is missing;
     `verify`: or something else is wrong
  5  a lock or a wait timed out
  6  cannot connect, or only through a pooler in transaction mode";

/// Brings a database to the schema of this release.
///
/// Three sets of migrations, `messaging`, `directory` and `mailbox`, are embedded in this program. Each has a
/// schema of its own and writes down there what was applied.
#[derive(Parser)]
#[command(name = "db-migrate", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// The database, as `postgres://user@host:5432/name`. Others see a command line: prefer the environment
    /// for a URL with a password.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,

    /// How the answer is printed on stdout. Progress goes to stderr, always as text.
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,

    /// How long to wait for the server to accept connections: 30, 30s, 500ms, 2m.
    #[arg(long, global = true, value_name = "SECONDS", default_value = "0", value_parser = duration::parse)]
    pub(crate) wait_for_db: Duration,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Apply what is pending.
    Up(Up),
    /// Undo migrations of one set, newest first. Without --yes it only says which.
    Down {
        /// Undo what was applied after this version; 0 undoes everything.
        #[arg(long, value_name = "VERSION")]
        to: i64,
        /// The set.
        #[arg(long, value_name = "NAME", value_parser = set_names())]
        set: String,
        /// Really undo it, with the data in it.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        patience: Patience,
    },
    /// Show what is applied and what is not. Takes no lock and changes nothing.
    Status {
        /// Only this set.
        #[arg(long, value_name = "NAME", value_parser = set_names())]
        set: Option<String>,
        /// Exit with 3 while something is pending and with 4 on damage.
        #[arg(long)]
        check: bool,
    },
    /// Look whether the database is what its bookkeeping says: nothing edited, half done, missing or added by hand, no
    /// index broken; and what a crash of the server could take back. Takes no lock and changes nothing.
    Verify {
        /// Only this set.
        #[arg(long, value_name = "NAME", value_parser = set_names())]
        set: Option<String>,
    },
    /// Make the roles of the programs where they are missing, and give each what this release needs and nothing else.
    ///
    /// The roles are `mailroom_owner`, `mailroom_gateway`, `mailroom_worker` and `mailroom_reader`, made without login
    /// and password. To be run once by somebody with CREATEROLE, and after each `up` by the owner.
    Roles {
        #[command(flatten)]
        patience: Patience,
    },
    /// Write down that migrations are applied, without running them: for a schema that was restored without its
    /// bookkeeping. `verify` says afterwards whether it is true.
    Baseline {
        /// The last version that is there.
        #[arg(long, value_name = "VERSION")]
        to: i64,
        /// The set.
        #[arg(long, value_name = "NAME", value_parser = set_names())]
        set: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Wait until this release's migrations are applied. Applies nothing itself.
    Wait {
        /// Only this set.
        #[arg(long, value_name = "NAME", value_parser = set_names())]
        set: Option<String>,
        /// Only up to this version, which takes --set.
        #[arg(long, value_name = "VERSION", requires = "set")]
        at_least: Option<i64>,
        /// How long: 60, 60s, 500ms, 2m.
        #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::parse)]
        timeout: Duration,
    },
}

impl Command {
    /// The set that was named.
    pub(crate) fn set(&self) -> Option<&str> {
        match self {
            Self::Up(Up { set, .. })
            | Self::Status { set, .. }
            | Self::Verify { set }
            | Self::Wait { set, .. } => set.as_deref(),
            Self::Down { set, .. } | Self::Baseline { set, .. } => Some(set),
            Self::Roles { .. } => None,
        }
    }
}

/// How to apply.
#[derive(Args)]
pub(crate) struct Up {
    /// Only this set.
    #[arg(long, value_name = "NAME", value_parser = set_names())]
    pub(crate) set: Option<String>,
    /// Apply nothing after this version, which takes --set.
    #[arg(long, value_name = "VERSION", requires = "set")]
    pub(crate) to: Option<i64>,
    /// Only say what would be applied.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// A shell command that must succeed before anything is applied, a snapshot for one. It gets the URL as `DATABASE_URL`,
    /// and is not run when nothing is pending.
    #[arg(long, value_name = "COMMAND", conflicts_with = "dry_run")]
    pub(crate) before: Option<String>,
    #[command(flatten)]
    pub(crate) patience: Patience,
}

/// How long to wait for others.
#[derive(Args)]
pub(crate) struct Patience {
    /// How long to wait for another migration to end.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// How long one attempt may wait for a table, while new queries on it wait behind. `up` tries five times.
    /// A concurrent index build, that holds nobody up, waits for 20 minutes.
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration::parse)]
    table_lock_timeout: Duration,
}

impl From<Patience> for Options {
    fn from(patience: Patience) -> Self {
        Self {
            lock_timeout: patience.lock_timeout,
            table_lock_timeout: patience.table_lock_timeout,
            to: None,
        }
    }
}

fn set_names() -> PossibleValuesParser {
    PossibleValuesParser::new(sets().iter().map(Set::name))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_may_follow_the_command() {
        let cli =
            Cli::try_parse_from(["db-migrate", "up", "--output", "json", "--wait-for-db", "90"]).unwrap();
        assert!(cli.output == Output::Json && cli.wait_for_db == Duration::from_secs(90));
    }

    #[test]
    fn an_unknown_set_is_refused() {
        assert!(Cli::try_parse_from(["db-migrate", "up", "--set", "mailboxes"]).is_err());
    }
}
