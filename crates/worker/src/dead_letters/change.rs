//! Replay and discard: those named by id, or all that the filters mean.

use std::process::ExitCode;

use clap::Args;
use mailroom_domain::EventId;
use mailroom_store::{Pool, action::Act, letter::Sweep};
use rand::rngs::StdRng;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    deed::Deed,
    report,
    sweep::{self, Counts},
    which::Which,
};
use crate::tools::{ActArgs, ToolError, output::Output};

/// Ids are given at once: one statement takes no more.
const MOST_IDS: usize = 1_000;

/// Which to change.
#[derive(Debug, Args)]
pub(super) struct Letters {
    /// The events' ids
    ids: Vec<Uuid>,
    /// All of them
    #[arg(long, help_heading = "Filters")]
    all: bool,
    #[command(flatten)]
    which: Which,
    /// At most so many, the oldest
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..), help_heading = "Filters")]
    limit: Option<u64>,
    /// Say how many of which provider and code it would be, and touch nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    act: ActArgs,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Which to replay.
#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    letters: Letters,
    /// At most so many in a second, as in 20/s [default: as fast as it goes]
    #[arg(long, value_name = "N/s", value_parser = rate)]
    rate: Option<u32>,
}

/// Which to discard.
#[derive(Debug, Args)]
pub struct Discard {
    #[command(flatten)]
    letters: Letters,
    /// Do it; without this it is only said what would be done
    #[arg(long)]
    yes: bool,
}

/// What is meant: letters one by one, or by filter.
enum Meant {
    Named(Vec<EventId>),
    Filtered,
}

impl Letters {
    fn meant(&self) -> Result<Meant, ToolError> {
        let filtered = self.all || self.which.is_any();
        match (self.ids.is_empty(), filtered) {
            (true, false) => Err(ToolError::usage(
                "say which: ids, filters such as --provider and --since, or --all",
            )),
            (true, true) if self.all && self.which.is_any() => {
                Err(ToolError::usage("--all and filters exclude each other"))
            }
            (true, true) => Ok(Meant::Filtered),
            (false, _) if filtered || self.limit.is_some() || self.which.is_of_discarded() => {
                Err(ToolError::usage("ids and filters exclude each other"))
            }
            (false, _) if self.dry_run => Err(ToolError::usage("--dry-run goes with filters or --all")),
            (false, _) if self.ids.len() > MOST_IDS => {
                Err(ToolError::usage(format!("at most {MOST_IDS} ids at once")))
            }
            (false, _) => Ok(Meant::Named(
                self.ids.iter().copied().map(EventId::from_uuid).collect(),
            )),
        }
    }
}

/// Gives them back to the workers.
pub(super) async fn replay(
    pool: &Pool,
    wanted: &Replay,
    randomness: &mut StdRng,
) -> Result<ExitCode, ToolError> {
    let letters = &wanted.letters;
    let meant = letters.meant()?;
    if wanted.rate.is_some() && matches!(meant, Meant::Named(_)) {
        return Err(ToolError::usage("--rate goes with filters or --all"));
    }
    let act = letters.act.act(Value::Null, randomness)?;
    change(pool, Deed::Replay, letters, meant, wanted.rate, act).await
}

/// Says that they need nothing more.
pub(super) async fn discard(
    pool: &Pool,
    wanted: &Discard,
    randomness: &mut StdRng,
) -> Result<ExitCode, ToolError> {
    let letters = &wanted.letters;
    let meant = letters.meant()?;
    if letters.which.is_of_discarded() {
        return Err(ToolError::usage("what is discarded can not be discarded again"));
    }
    if letters.dry_run {
        let act = letters.act.act(Value::Null, randomness)?;
        return change(pool, Deed::Discard, letters, meant, None, act).await;
    }
    let act = letters.act.act_with_reason(Value::Null, randomness)?;
    if !wanted.yes {
        return Err(ToolError::usage(
            "nothing was discarded: add --yes to do it, or --dry-run to see how many it would be",
        ));
    }
    change(pool, Deed::Discard, letters, meant, None, act).await
}

async fn change(
    pool: &Pool,
    deed: Deed,
    letters: &Letters,
    meant: Meant,
    rate: Option<u32>,
    mut act: Act,
) -> Result<ExitCode, ToolError> {
    if let Meant::Named(ids) = meant {
        act.filter = json!({"ids": ids});
        let done = deed.to(pool, &ids, &act).await?;
        report::named(deed, &ids, &done, letters.output);
        let all_done = ids.iter().all(|id| done.contains(id));
        return Ok(if all_done {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(3)
        });
    }
    let filter = letters.which.filter(pool).await?;
    act.filter = filter.as_json();
    if letters.all {
        act.filter["all"] = true.into();
    }
    if let Some(limit) = letters.limit {
        act.filter["limit"] = limit.into();
    }
    let (sweep, counted) = Sweep::begin(pool, filter, letters.limit).await?;
    let counts = Counts(counted);
    if counts.total() == 0 {
        return Err(ToolError::NothingMatched(
            "no dead letter is meant by this".to_owned(),
        ));
    }
    if letters.dry_run {
        report::counts(deed, &counts, letters.output);
        return Ok(ExitCode::SUCCESS);
    }
    let swept = sweep::all(pool, deed, sweep, &counts, rate, &act).await?;
    report::swept(deed, &counts, &swept, letters.output);
    Ok(if swept.interrupted {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn rate(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix("/s").unwrap_or(text).parse();
    number
        .ok()
        .filter(|rate| (1..=100_000).contains(rate))
        .ok_or_else(|| "1/s to 100000/s".to_owned())
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn rates_are_by_the_second() {
        assert_eq!((rate("20/s"), rate("5")), (Ok(20), Ok(5)));
        for text in ["", "0", "/s", "-1/s", "1.5/s", "20/m", "100001"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
