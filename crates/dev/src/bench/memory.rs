//! Memory: the most that gateway and worker hold: when nothing is to be done, under full load, and under the same load of
//! many more connections.

use serde::Serialize;

use super::report::Report;
use super::say;
use super::usage::Usage;
use super::yard::Yard;
use crate::cli::Bench;
use crate::error::DevError;
use crate::processes::Daemon;

/// Connections of the last part.
const MANY: u32 = 1_000;

/// What both have held at most, in MiB.
#[derive(Debug, Clone, Copy, Serialize)]
struct Held {
    gateway: f64,
    worker: f64,
}

/// One round.
#[derive(Debug, Clone, Copy, Serialize)]
struct Round {
    at_rest: Held,
    under_load: Held,
    of_many: Held,
}

/// Measures it.
pub(super) async fn run(yard: &mut Yard<'_>, wishes: &Bench) -> Result<Report, DevError> {
    let mut rounds = Vec::new();
    for number in 1..=wishes.rounds {
        yard.start_gateway().await?;
        yard.start_workers().await?;
        let at_rest = held(yard)?;
        let some = yard.load(yard.gateway_port, &Yard::full_load(wishes)).await?;
        let under_load = held(yard)?;
        let many = Bench {
            connections: MANY,
            ..wishes.clone()
        };
        let more = yard.load(yard.gateway_port, &Yard::full_load(&many)).await?;
        yard.until_processed(some.acknowledged + more.acknowledged)
            .await?;
        let of_many = held(yard)?;
        yard.stop_workers().await?;
        yard.gateway.stop(yard.run).await?;
        say(
            wishes,
            number,
            &format!(
                "gateway {:.0} MiB, worker {:.0} MiB",
                of_many.gateway, of_many.worker
            ),
        );
        rounds.push(Round {
            at_rest,
            under_load,
            of_many,
        });
    }
    let mut report = Report::new("memory", &rounds);
    for (what, held) in [
        ("at rest", (|round: &Round| round.at_rest) as fn(&Round) -> Held),
        ("under full load", |round| round.under_load),
        ("of 1,000 connections", |round| round.of_many),
    ] {
        report.row(format!("gateway, {what}"), " MiB", &rounds, |round| {
            held(round).gateway
        });
        report.row(format!("worker, {what}"), " MiB", &rounds, |round| {
            held(round).worker
        });
    }
    Ok(report)
}

fn held(yard: &Yard<'_>) -> Result<Held, DevError> {
    let of = |daemon: Option<&Daemon>| Usage::of(daemon.and_then(Daemon::pid).unwrap_or_default());
    Ok(Held {
        gateway: of(Some(&yard.gateway))?.memory_mib,
        worker: of(yard.workers.first())?.memory_mib,
    })
}
