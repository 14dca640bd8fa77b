//! `mailroom-worker dead-letters`: what could not be processed, or was not understood: listed, shown, replayed,
//! discarded.

mod change;
mod deed;
mod names;
mod report;
mod sweep;
mod which;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use mailroom_domain::EventId;
use mailroom_store::{
    Pool,
    letter::{self, Stretch},
};
use rand::rngs::StdRng;
use uuid::Uuid;

use crate::tools::{EXIT_CODES, ToolError, output::Output};
use change::{Discard, Replay};
use which::Which;

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum Wanted {
    /// List them, oldest first
    #[command(after_help = EXIT_CODES)]
    List(List),
    /// Show one, with what was received (redacted as it was written down)
    #[command(after_help = EXIT_CODES)]
    Show(Show),
    /// Give events back to the workers, with all their attempts, in the order of their arrival
    ///
    /// Those named by id, or all that the filters mean, in batches. Each conversation's events come back in line, at
    /// their own places among what is unfinished. It may be interrupted and called again: what is back is no dead
    /// letter any more. Whatever arrives after it began is not touched.
    #[command(after_help = EXIT_CODES)]
    Replay(Replay),
    /// Say that they need nothing more: they are kept, no longer listed, and can still be replayed
    #[command(after_help = EXIT_CODES)]
    Discard(Discard),
}

/// Which to list.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    which: Which,
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

/// Does what is wanted, and says so on standard output.
pub(crate) async fn run(
    pool: &Pool,
    wanted: &Wanted,
    randomness: &mut StdRng,
) -> Result<ExitCode, ToolError> {
    match wanted {
        Wanted::List(wanted) => list(pool, wanted).await,
        Wanted::Show(wanted) => show(pool, wanted).await,
        Wanted::Replay(wanted) => change::replay(pool, wanted, randomness).await,
        Wanted::Discard(wanted) => change::discard(pool, wanted, randomness).await,
    }
}

async fn list(pool: &Pool, wanted: &List) -> Result<ExitCode, ToolError> {
    let filter = wanted.which.filter(pool).await?;
    let stretch = Stretch {
        after: wanted.after,
        up_to: None,
    };
    let listed = letter::list(pool, &filter, stretch, wanted.limit).await?;
    if listed.rows.is_empty() {
        wanted.which.is_of_known_provider()?; // a misspelt one has no dead letters, and all would look well
    }
    report::list(&listed.rows, listed.more, wanted.output);
    Ok(ExitCode::SUCCESS)
}

async fn show(pool: &Pool, wanted: &Show) -> Result<ExitCode, ToolError> {
    let id = EventId::from_uuid(wanted.id);
    let letter = letter::show(pool, id).await?;
    let letter = letter.ok_or_else(|| ToolError::NothingMatched(format!("there is no dead letter {id}")))?;
    report::show(&letter, wanted.output);
    Ok(ExitCode::SUCCESS)
}
