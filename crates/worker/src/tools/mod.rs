//! What the worker's program can do beside working: the tools of its operators.

mod act;
mod actions;
mod actor;
pub(crate) mod conversation;
mod doctor;
mod moment;
pub(crate) mod output;
mod pause;
pub(crate) mod provider;
mod why;

use std::process::ExitCode;

use clap::Subcommand;
use mailroom_bootstrap::config::ConfigError;
use mailroom_store::{Kind, Plans, Pool, PoolSettings, StoreError, Way, pool};
use rand::rngs::StdRng;

use crate::{config::WorkerConfig, dead_letters};

pub(crate) use act::ActArgs;
pub(crate) use moment::Moment;

pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done; an empty list is one
  1  it could not be done, or was interrupted
  2  the arguments are wrong, or do not say enough
  3  nothing matched, or what was named is not there";

/// What the worker's program can do beside working.
#[derive(Debug, Subcommand)]
pub enum Tool {
    /// List, show, replay and discard events that could not be processed
    ///
    /// An event is a dead letter when it cannot be read, when its attempts are spent, or when the gateway did not
    /// understand it (kind `quarantined`). It holds nothing up, and stays whatever is done with it.
    #[command(subcommand, after_help = EXIT_CODES)]
    DeadLetters(dead_letters::Wanted),
    /// Have workers leave a provider's events alone, or everything
    ///
    /// Gateways go on recording. Workers heed it within a second, finish what they have in hand, and keep their lanes;
    /// it holds until `resume`, whatever is restarted. A paused event holds up the later ones of its own conversation
    /// and nothing else.
    #[command(after_help = EXIT_CODES)]
    Pause(pause::PauseArgs),
    /// End a pause
    ///
    /// What was left alone is processed in order, each conversation's events at their own places. `--all` ends the pause
    /// of everything; providers that were paused one by one stay so.
    #[command(after_help = EXIT_CODES)]
    Resume(pause::ResumeArgs),
    /// List what is paused
    #[command(after_help = EXIT_CODES)]
    Pauses(pause::PausesArgs),
    /// Explain why a conversation does not move on
    #[command(after_help = EXIT_CODES)]
    Why(why::Why),
    /// Explain what is wrong with the database
    ///
    /// Long transactions, dead rows, missing indexes, strayed plans, settings that lose events, work that nobody does, and
    /// what else makes a database sick slowly. Changes nothing. The role of a worker is enough; what it may not see is said.
    #[command(after_help = doctor::EXIT_CODES)]
    Doctor(doctor::Doctor),
    /// List what operators did: replays, discards, pauses, resumes, the latest first
    #[command(after_help = EXIT_CODES)]
    Actions(actions::Actions),
}

/// Why a tool did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    #[error(transparent)]
    Settings(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    NothingMatched(String),
    #[error("cannot listen for signals: {0}")]
    Signals(std::io::Error),
}

impl ToolError {
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::Usage(what.into())
    }

    fn code(&self) -> ExitCode {
        match self {
            Self::Settings(_) | Self::Store(_) | Self::Signals(_) => ExitCode::FAILURE,
            Self::Usage(_) => ExitCode::from(2),
            Self::NothingMatched(_) => ExitCode::from(3),
        }
    }
}

/// Does what is wanted, and says so on standard output.
pub async fn run(config: &WorkerConfig, tool: &Tool, randomness: &mut StdRng) -> ExitCode {
    let done = async {
        let pool = connect(config, tool)?;
        mailroom_store::follow(Kind::Writers).await; // the URL may name several servers
        match tool {
            Tool::DeadLetters(wanted) => dead_letters::run(&pool, wanted, randomness).await,
            Tool::Pause(wanted) => pause::pause(&pool, wanted, randomness).await,
            Tool::Resume(wanted) => pause::resume(&pool, wanted, randomness).await,
            Tool::Pauses(wanted) => pause::list(&pool, wanted).await,
            Tool::Why(wanted) => why::why(&pool, wanted, config.retry.max_retries).await,
            Tool::Doctor(wanted) => doctor::examine(&pool, wanted).await,
            Tool::Actions(wanted) => actions::list(&pool, wanted).await,
        }
    };
    done.await.unwrap_or_else(|error: ToolError| {
        eprintln!("mailroom-worker: {error}");
        error.code()
    })
}

fn connect(config: &WorkerConfig, tool: &Tool) -> Result<Pool, ToolError> {
    config.database.check()?;
    let database = &config.database;
    if matches!(tool, Tool::Doctor(_)) && database.direct_is_pooled() {
        return Err(ToolError::usage(
            "the doctor changes settings of its session, which a pooler would hand on to others: give the direct URL of \
             PostgreSQL (MAILROOM_DIRECT_DATABASE_URL)",
        ));
    }
    let (url, pooled) = match tool {
        // It asks about the server, and changes settings of its session.
        Tool::Doctor(_) => (database.direct_url(), database.direct_is_pooled()),
        _ => (&database.url, database.pooled),
    };
    Ok(pool(PoolSettings {
        url: url.expose(),
        application_name: "mailroom-worker tool",
        max_connections: 1,
        min_connections: 0,
        acquire_timeout: database.acquire_timeout(),
        plans: Plans::Fresh,
        way: Way::new(pooled, database.prepared_statements),
        durable: true,
        writes: true,
    })?)
}
