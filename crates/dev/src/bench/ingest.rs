//! Ingest: requests a second that are answered after their commit, over 64 connections; beside the handler that people
//! write, and what PostgreSQL does with the same rows when nothing stands in between.

use mailroom_bench::load::Answered;
use serde::Serialize;

use super::report::Report;
use super::usage::Usage;
use super::yard::Yard;
use super::{pgbench, say};
use crate::cli::Bench;
use crate::error::DevError;

/// One round: all of them, one after the other.
#[derive(Debug, Clone, Copy, Serialize)]
struct Round {
    mailroom: Answered,
    by_hand: Answered,
    /// Rows a second.
    pgbench: Option<f64>,
    /// Of the gateway, for its requests.
    gateway: Usage,
}

/// Measures it.
pub(super) async fn run(yard: &mut Yard<'_>, wishes: &Bench) -> Result<Report, DevError> {
    let options = Yard::full_load(wishes);
    let mut rounds = Vec::new();
    for number in 1..=wishes.rounds {
        let by_hand = yard.by_hand(&options).await?;
        let pgbench = pgbench::insert(yard, wishes.seconds).await?;

        yard.start_gateway().await?;
        yard.settle().await?;
        let mailroom = yard.load(yard.gateway_port, &options).await?;
        let gateway = Usage::of(yard.gateway.pid().unwrap_or_default())?;
        yard.gateway.stop(yard.run).await?;
        let round = Round {
            mailroom,
            by_hand,
            pgbench,
            gateway,
        };
        say(wishes, number, &format!("{:.2} times the handler", round.ratio()));
        rounds.push(round);
    }
    let mut report = Report::new("ingest", &rounds);
    report.row("mailroom / handler by hand", " x", &rounds, Round::ratio);
    report.row("mailroom", "/s", &rounds, |round| rate(&round.mailroom));
    report.row("mailroom, p50", " ms", &rounds, |round| {
        round.mailroom.latency.p50
    });
    report.row("mailroom, p99", " ms", &rounds, |round| {
        round.mailroom.latency.p99
    });
    report.row("handler by hand", "/s", &rounds, |round| rate(&round.by_hand));
    report.row("handler by hand, p50", " ms", &rounds, |round| {
        round.by_hand.latency.p50
    });
    report.row("handler by hand, p99", " ms", &rounds, |round| {
        round.by_hand.latency.p99
    });
    report.beside_pgbench(
        "mailroom",
        &rounds,
        |round| rate(&round.mailroom),
        |round| round.pgbench,
    );
    report.row("gateway, processor a million", " s", &rounds, |round| {
        round.gateway.cpu_seconds / acknowledged(&round.mailroom) * 1e6
    });
    report.row("gateway, most memory", " MiB", &rounds, |round| {
        round.gateway.memory_mib
    });
    Ok(report)
}

impl Round {
    fn ratio(&self) -> f64 {
        rate(&self.mailroom) / rate(&self.by_hand)
    }
}

fn acknowledged(answered: &Answered) -> f64 {
    f64::from(u32::try_from(answered.acknowledged).unwrap_or(u32::MAX))
}

fn rate(answered: &Answered) -> f64 {
    acknowledged(answered) / answered.seconds
}
