//! `mailroom-worker dead-letters`: what could not be processed, or was not understood: listed, shown, replayed.

mod report;

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use mailroom_bootstrap::config::ConfigError;
use mailroom_domain::{ErrorCode, EventId, EventKind, Lane};
use mailroom_store::{PgPool, PoolSettings, StoreError, letter, pool, wake};
use uuid::Uuid;

use crate::config::WorkerConfig;

/// What the worker's program can do beside working.
#[derive(Debug, Subcommand)]
pub enum Tool {
    /// List, show and replay events that could not be processed
    ///
    /// An event is a dead letter when it cannot be read, when its attempts are spent, or when the gateway did not
    /// understand it (kind `quarantined`). It holds nothing up, and stays until it is replayed.
    ///
    /// Exit codes: 0 done, 1 it could not be done, 3 there is no such dead letter.
    #[command(subcommand)]
    DeadLetters(Wanted),
}

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum Wanted {
    /// List them, oldest first
    List(List),
    /// Show one, with what was received (redacted as it was written down)
    Show(Show),
    /// Give events back to the workers, with all their attempts, in the order of their arrival
    Replay(Replay),
}

/// Which to list.
#[derive(Debug, Args)]
pub struct List {
    /// Only those of this error code
    #[arg(long, value_enum)]
    code: Option<Code>,
    /// Only those of this kind
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Only those of this provider
    #[arg(long)]
    provider: Option<String>,
    /// Only those of this endpoint
    #[arg(long)]
    endpoint: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Only those after this place: `next` of the list before
    #[arg(long)]
    after: Option<i64>,
    /// Form of the list
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Which to show.
#[derive(Debug, Args)]
pub struct Show {
    /// The event's id
    id: Uuid,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Which to replay.
#[derive(Debug, Args)]
pub struct Replay {
    /// The events' ids
    #[arg(required = true)]
    ids: Vec<Uuid>,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Error codes as arguments.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[expect(missing_docs, reason = "they are explained at `ErrorCode`")]
pub enum Code {
    Unreadable,
    Unsupported,
    Refused,
    Unavailable,
    Panicked,
    Reaped,
}

/// Kinds of events as arguments.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[expect(missing_docs, reason = "they are explained at `EventKind`")]
pub enum Kind {
    Message,
    Status,
    Notice,
    Quarantined,
}

impl From<Code> for ErrorCode {
    fn from(code: Code) -> Self {
        match code {
            Code::Unreadable => Self::Unreadable,
            Code::Unsupported => Self::Unsupported,
            Code::Refused => Self::Refused,
            Code::Unavailable => Self::Unavailable,
            Code::Panicked => Self::Panicked,
            Code::Reaped => Self::Reaped,
        }
    }
}

impl From<Kind> for EventKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Message => Self::Message,
            Kind::Status => Self::Status,
            Kind::Notice => Self::Notice,
            Kind::Quarantined => Self::Quarantined,
        }
    }
}

/// Why a tool did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
enum ToolError {
    #[error(transparent)]
    Settings(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Does what is wanted, and says so on standard output.
pub async fn run(config: &WorkerConfig, wanted: &Wanted) -> ExitCode {
    let done = async {
        let pool = connect(config)?;
        match wanted {
            Wanted::List(wanted) => list(&pool, wanted).await,
            Wanted::Show(wanted) => show(&pool, wanted).await,
            Wanted::Replay(wanted) => replay(&pool, wanted).await,
        }
    };
    done.await.unwrap_or_else(|error: ToolError| {
        eprintln!("mailroom-worker: {error}");
        ExitCode::FAILURE
    })
}

fn connect(config: &WorkerConfig) -> Result<PgPool, ToolError> {
    config.database.check()?;
    Ok(pool(PoolSettings {
        url: config.database.url.expose(),
        application_name: "mailroom-worker dead-letters",
        max_connections: 1,
        acquire_timeout: config.database.acquire_timeout(),
        fresh_plans: true,
        durable: true,
    })?)
}

async fn list(pool: &PgPool, wanted: &List) -> Result<ExitCode, ToolError> {
    let filter = letter::Filter {
        code: wanted.code.map(Into::into),
        kind: wanted.kind.map(Into::into),
        provider: wanted.provider.clone(),
        endpoint: wanted.endpoint.clone(),
    };
    let listed = letter::list(pool, &filter, wanted.after, wanted.limit).await?;
    report::list(&listed.rows, listed.more, wanted.output);
    Ok(ExitCode::SUCCESS)
}

async fn show(pool: &PgPool, wanted: &Show) -> Result<ExitCode, ToolError> {
    let id = EventId::from_uuid(wanted.id);
    let Some(letter) = letter::show(pool, id).await? else {
        eprintln!("mailroom-worker: there is no dead letter {id}");
        return Ok(ExitCode::from(3));
    };
    report::show(&letter, wanted.output);
    Ok(ExitCode::SUCCESS)
}

async fn replay(pool: &PgPool, wanted: &Replay) -> Result<ExitCode, ToolError> {
    let ids: Vec<EventId> = wanted.ids.iter().copied().map(EventId::from_uuid).collect();
    let replayed = letter::replay(pool, &ids).await?;
    let behind: Vec<(Lane, i64)> = replayed.iter().map(|it| (it.event.lane(), it.arrival)).collect();
    if !behind.is_empty() {
        // A hint: workers find them when they next begin anew.
        let _ = wake::notify_behind(pool, &behind).await;
    }
    let replayed: Vec<EventId> = replayed.into_iter().map(|it| it.event).collect();
    report::replayed(&ids, &replayed, wanted.output);
    Ok(if ids.iter().all(|id| replayed.contains(id)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}
