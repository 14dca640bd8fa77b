//! Together: gateway and workers at once, from the first request to the last message; beside the handler that people
//! write, which does no more than the first half.

use std::time::Duration;

use mailroom_bench::load::Answered;
use serde::Serialize;
use tokio::time::Instant;

use super::report::Report;
use super::yard::Yard;
use super::{pgbench, say};
use crate::cli::Bench;
use crate::error::DevError;

/// One round: both, one after the other.
#[derive(Debug, Clone, Copy, Serialize)]
struct Round {
    answered: Answered,
    /// From the first request to the last message.
    seconds: f64,
    /// What was left to do when the last request was answered.
    behind: u64,
    by_hand: Answered,
    /// Rows a second.
    pgbench: Option<f64>,
}

/// Measures it.
pub(super) async fn run(yard: &mut Yard<'_>, wishes: &Bench) -> Result<Report, DevError> {
    let options = Yard::full_load(wishes);
    let mut rounds = Vec::new();
    for number in 1..=wishes.rounds {
        let by_hand = yard.by_hand(&options).await?;
        let pgbench = pgbench::insert(yard, wishes.seconds).await?;

        yard.start_gateway().await?;
        yard.start_workers().await?;
        yard.settle().await?;
        let begin = Instant::now();
        let answered = yard.load(yard.gateway_port, &options).await?;
        let behind = answered
            .acknowledged
            .saturating_sub(yard.watch().processed().await?);
        yard.until_processed(answered.acknowledged).await?;
        let took: Duration = begin.elapsed();
        yard.gateway.stop(yard.run).await?;
        yard.stop_workers().await?;
        let round = Round {
            answered,
            seconds: took.as_secs_f64(),
            behind,
            by_hand,
            pgbench,
        };
        say(wishes, number, &format!("{:.0} messages/s", round.rate()));
        rounds.push(round);
    }
    let mut report = Report::new("together", &rounds);
    report.row("messages / handler's rows", " x", &rounds, |round| {
        round.rate() / (count(round.by_hand.acknowledged) / round.by_hand.seconds)
    });
    report.row("messages", "/s", &rounds, Round::rate);
    report.row("handler by hand, rows", "/s", &rounds, |round| {
        count(round.by_hand.acknowledged) / round.by_hand.seconds
    });
    report.beside_pgbench("messages", &rounds, Round::rate, |round| round.pgbench);
    report.row("to 202, p99", " ms", &rounds, |round| round.answered.latency.p99);
    report.row("left to do at the end", "", &rounds, |round| count(round.behind));
    Ok(report)
}

impl Round {
    fn rate(&self) -> f64 {
        count(self.answered.acknowledged) / self.seconds
    }
}

fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
