//! A sweep: a deed to all that a filter means, in batches, no faster than asked, until done or interrupted.

use std::time::Duration;

use mailroom_domain::CommandId;
use mailroom_store::{
    Pool,
    action::Act,
    letter::{Counted, Sweep},
};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep_until};

use super::deed::Deed;
use crate::tools::ToolError;

/// The most that one statement touches.
const BATCH: u32 = 200;
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// How many there were in the beginning, by provider and code.
pub(super) struct Counts(pub(super) Vec<Counted>);

impl Counts {
    /// All together.
    pub(super) fn total(&self) -> u64 {
        self.0.iter().map(|counted| counted.letters).sum()
    }
}

/// How far it came.
pub(super) struct Swept {
    pub(super) command: CommandId,
    pub(super) done: u64,
    pub(super) interrupted: bool,
}

/// SIGINT and SIGTERM, heard between batches: what was begun is finished, and known.
struct Interruption(Signal, Signal);

impl Interruption {
    fn listen() -> Result<Self, ToolError> {
        let on = |kind| signal(kind).map_err(ToolError::Signals);
        Ok(Self(on(SignalKind::interrupt())?, on(SignalKind::terminate())?))
    }

    /// Waits until then. Says whether it was interrupted.
    async fn wait_until(&mut self, then: Instant) -> bool {
        tokio::select! {
            biased;
            _ = self.0.recv() => true,
            _ = self.1.recv() => true,
            () = sleep_until(then) => false,
        }
    }
}

/// Does it to all that are left in the sweep, at most `rate` in a second.
///
/// # Errors
/// [`ToolError`]; what was done is done, and said on standard error.
pub(super) async fn all(
    pool: &Pool,
    deed: Deed,
    mut sweep: Sweep,
    counts: &Counts,
    rate: Option<u32>,
    act: &Act,
) -> Result<Swept, ToolError> {
    let mut interruption = Interruption::listen()?;
    let batch = rate.unwrap_or(BATCH).clamp(1, BATCH);
    let mut swept = Swept {
        command: act.command,
        done: 0,
        interrupted: false,
    };
    let (mut begun, mut told) = (Instant::now(), Instant::now());
    loop {
        let done = async {
            let letters = sweep.next(pool, batch).await?;
            let done = if letters.is_empty() {
                Vec::new()
            } else {
                deed.to(pool, &letters, act).await?
            };
            Ok::<_, ToolError>((letters.len(), done.len()))
        };
        let (looked_at, done) = match done.await {
            Ok(done) => done,
            Err(error) => {
                progress(deed, swept.done, counts);
                return Err(error);
            }
        };
        swept.done += u64::try_from(done).unwrap_or(u64::MAX);
        if looked_at == 0 {
            return Ok(swept);
        }
        if told.elapsed() >= PROGRESS_EVERY {
            progress(deed, swept.done, counts);
            told = Instant::now();
        }
        // From the beginning of this batch on; a slow one is not made up for by a burst.
        let pause = rate.map_or(Duration::ZERO, |rate| {
            Duration::from_secs_f64(f64::from(batch) / f64::from(rate))
        });
        if interruption.wait_until(begun + pause).await {
            swept.interrupted = true;
            return Ok(swept);
        }
        begun = Instant::now();
    }
}

fn progress(deed: Deed, done: u64, counts: &Counts) {
    eprintln!("{done} of {} {}", counts.total(), deed.word());
}
