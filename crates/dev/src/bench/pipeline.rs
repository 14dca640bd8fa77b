//! Pipeline: recorded events that wait, until all are messages in conversations; beside a plain SQL loop that does the same
//! in tables of its own.

use mailroom_bench::sql_loop::Drained;
use mailroom_store::server::evidence;
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
    mailroom: Drained,
    /// Claim and result in two transactions, 100 events at once.
    two_transactions: Drained,
    /// The same in tables with the keys and indexes that applications have.
    usual_tables: Drained,
    /// In one, 500 at once.
    one_transaction: Drained,
    /// Rows a second.
    pgbench: Option<f64>,
    /// Of the first worker.
    worker: Usage,
}

/// Measures it.
pub(super) async fn run(yard: &mut Yard<'_>, wishes: &Bench) -> Result<Report, DevError> {
    let events = wishes.events.to_string();
    let mut rounds = Vec::new();
    for number in 1..=wishes.rounds {
        let two = ["sql-loop", "--events", &events, "--batch", "100"];
        let two_transactions = yard.bench(&two).await?;
        let usual = [
            "sql-loop",
            "--events",
            &events,
            "--batch",
            "100",
            "--usual-tables",
        ];
        let usual_tables = yard.bench(&usual).await?;
        let one = [
            "sql-loop",
            "--events",
            &events,
            "--batch",
            "500",
            "--one-transaction",
        ];
        let one_transaction = yard.bench(&one).await?;
        let pgbench = pgbench::insert(yard, wishes.seconds).await?;
        let (mailroom, worker) = drain(yard, wishes.events).await?;
        let round = Round {
            mailroom,
            two_transactions,
            usual_tables,
            one_transaction,
            pgbench,
            worker,
        };
        say(
            wishes,
            number,
            &format!("{:.2} times the SQL loop", round.ratio()),
        );
        rounds.push(round);
    }
    let mut report = Report::new("pipeline", &rounds);
    report.row("mailroom / SQL loop", " x", &rounds, Round::ratio);
    report.row("mailroom", "/s", &rounds, |round| rate(round.mailroom));
    report.row("SQL loop, two transactions, batch 100", "/s", &rounds, |round| {
        rate(round.two_transactions)
    });
    report.row("mailroom / SQL loop on usual tables", " x", &rounds, |round| {
        rate(round.mailroom) / rate(round.usual_tables)
    });
    report.row(
        "SQL loop on usual tables, two transactions, batch 100",
        "/s",
        &rounds,
        |round| rate(round.usual_tables),
    );
    report.row("SQL loop, one transaction, batch 500", "/s", &rounds, |round| {
        rate(round.one_transaction)
    });
    report.beside_pgbench(
        "mailroom, events that wait",
        &rounds,
        |round| rate(round.mailroom),
        |round| round.pgbench,
    );
    report.row("worker, processor a million", " s", &rounds, |round| {
        round.worker.cpu_seconds / f64::from(wishes.events) * 1e6
    });
    report.row("worker, most memory", " MiB", &rounds, |round| {
        round.worker.memory_mib
    });
    Ok(report)
}

/// Records events while no worker is there, then lets the workers at them. Measured by the database's clock, and so without their
/// start, as the loop is; what the first set takes and what the last set takes stand for one another.
async fn drain(yard: &mut Yard<'_>, events: u32) -> Result<(Drained, Usage), DevError> {
    yard.start_gateway().await?;
    let count = events.to_string();
    let options = ["--events", &count, "--seconds", "600", "--connections", "64"].map(str::to_owned);
    let answered = yard.load(yard.gateway_port, &options).await?;
    yard.gateway.stop(yard.run).await?;
    yard.settle().await?;
    yard.start_workers().await?;
    yard.until_processed(answered.acknowledged).await?;
    let worker = Usage::of(
        yard.workers
            .first()
            .and_then(crate::processes::Daemon::pid)
            .unwrap_or_default(),
    )?;
    yard.stop_workers().await?;
    let finished = evidence::last_finished(&yard.url, events).await?;
    if finished.seconds <= 0.0 {
        let why =
            format!("{events} events were finished at once, which says nothing: give more with --events");
        return Err(DevError::Failed(why));
    }
    let drained = Drained {
        events: u32::try_from(finished.events).unwrap_or_default(),
        seconds: finished.seconds,
    };
    Ok((drained, worker))
}

impl Round {
    fn ratio(&self) -> f64 {
        rate(self.mailroom) / rate(self.two_transactions)
    }
}

fn rate(drained: Drained) -> f64 {
    f64::from(drained.events) / drained.seconds
}
