//! Churn: whether gateway and workers get slower with what dies in the database and cannot be cleared away, while somebody
//! holds a snapshot; from the first fifth of the events to the last.

use std::time::Duration;

use mailroom_store::server::snapshot::Snapshot;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::report::Report;
use super::say;
use super::yard::Yard;
use crate::cli::Bench;
use crate::error::DevError;

const FIFTHS: usize = 5;
/// Nothing is counted more often.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// One round.
#[derive(Debug, Clone, Copy, Serialize)]
struct Round {
    /// Messages a second, of each fifth.
    fifths: [f64; FIFTHS],
}

/// Measures it.
pub(super) async fn run(yard: &mut Yard<'_>, wishes: &Bench) -> Result<Report, DevError> {
    let mut rounds = Vec::new();
    for number in 1..=wishes.rounds {
        yard.start_gateway().await?;
        yard.start_workers().await?;
        yard.settle().await?;
        let snapshot = Snapshot::hold(&yard.url).await?;
        let round = Round {
            fifths: fifths(yard, wishes).await?,
        };
        snapshot.release().await;
        yard.stop_workers().await?;
        yard.gateway.stop(yard.run).await?;
        say(
            wishes,
            number,
            &format!("{:.2} of the first fifth in the last", round.kept()),
        );
        rounds.push(round);
    }
    let mut report = Report::new("churn", &rounds);
    report.row("last fifth / first", " x", &rounds, Round::kept);
    for fifth in 0..FIFTHS {
        report.row(
            format!("messages in fifth {}", fifth + 1),
            "/s",
            &rounds,
            |round| round.fifths[fifth],
        );
    }
    Ok(report)
}

impl Round {
    fn kept(&self) -> f64 {
        let [first, .., last] = self.fifths;
        last / first
    }
}

/// Sends events as fast as they are answered, and notes when each fifth of them had become messages.
async fn fifths(yard: &mut Yard<'_>, wishes: &Bench) -> Result<[f64; FIFTHS], DevError> {
    let (events, connections) = (wishes.events.to_string(), wishes.connections.to_string());
    let options = [
        "--events",
        &events,
        "--seconds",
        "3600",
        "--connections",
        &connections,
    ]
    .map(str::to_owned);
    let watch = yard.watch();
    let fifth = u64::from(wishes.events) / FIFTHS as u64;
    let watching = tokio::spawn(async move {
        let (mut rates, mut since) = ([0.0; FIFTHS], Instant::now());
        for (number, rate) in (1..).zip(&mut rates) {
            while watch.processed().await? < number * fifth {
                sleep(LOOK_EVERY).await;
            }
            *rate = f64::from(u32::try_from(fifth).unwrap_or(u32::MAX)) / since.elapsed().as_secs_f64();
            since = Instant::now();
        }
        Ok(rates)
    });
    yard.load(yard.gateway_port, &options).await?;
    // What never becomes a message is found by the time it takes.
    let end = tokio::time::timeout(Duration::from_mins(10), watching).await;
    end.map_err(|_| DevError::Failed("not all events became messages within ten minutes".into()))?
        .map_err(|error| DevError::Failed(format!("the watch ended: {error}")))?
}
