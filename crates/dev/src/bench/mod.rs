//! `cargo dev bench`: measures the real programs on a durable server, in rounds, and reports the spread; the adapters
//! on their own; and what becomes of more than can be done.

mod adapters;
mod churn;
mod ingest;
mod latency;
mod memory;
mod overload;
mod overload_report;
mod pgbench;
mod pipeline;
mod read;
mod report;
mod together;
mod usage;
mod watch;
mod yard;

use std::process::ExitCode;

use self::yard::Yard;
use crate::cli::{Bench, Benchmark};
use crate::demo;
use crate::error::DevError;
use crate::postgres::{Choice, Durability};
use crate::randomness::random_hex;
use crate::session::on_server;
use crate::talk;
use crate::workspace::Workspace;
use clap::ValueEnum;

/// Runs the benchmark; fails when an event was refused or never became visible.
pub(crate) async fn run(wishes: Bench) -> Result<ExitCode, DevError> {
    match wishes.what {
        Benchmark::Adapters => adapters::run(&wishes).await,
        Benchmark::Overload => overload(wishes).await,
        Benchmark::All => all(&wishes).await,
        Benchmark::Ingest
        | Benchmark::Pipeline
        | Benchmark::Together
        | Benchmark::Memory
        | Benchmark::Churn
        | Benchmark::Read
        | Benchmark::Latency => in_yard(wishes).await,
    }
}

/// Every benchmark, each on a server of its own.
async fn all(wishes: &Bench) -> Result<ExitCode, DevError> {
    let mut worst = ExitCode::SUCCESS;
    for &what in Benchmark::value_variants() {
        if what == Benchmark::All {
            continue;
        }
        let code = Box::pin(run(Bench {
            what,
            ..wishes.clone()
        }))
        .await?;
        if code != ExitCode::SUCCESS {
            worst = code;
        }
    }
    Ok(worst)
}

async fn in_yard(wishes: Bench) -> Result<ExitCode, DevError> {
    let choice = Choice::make(wishes.server.allow_remote)?;
    on_server(choice, Durability::Durable, false, async |run, server, _| {
        let mut yard = Yard::open(run, server, &wishes).await?;
        let report = match wishes.what {
            Benchmark::Ingest => ingest::run(&mut yard, &wishes).await?,
            Benchmark::Pipeline => pipeline::run(&mut yard, &wishes).await?,
            Benchmark::Memory => memory::run(&mut yard, &wishes).await?,
            Benchmark::Churn => churn::run(&mut yard, &wishes).await?,
            Benchmark::Read => read::run(&mut yard, &wishes).await?,
            Benchmark::Latency => latency::run(&mut yard, &wishes).await?,
            _ => together::run(&mut yard, &wishes).await?,
        };
        report.print(&wishes)
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// Says what a round came to.
fn say(wishes: &Bench, round: u32, what: &str) {
    talk::line(format_args!("round {round} of {}: {what}", wishes.rounds));
}

async fn overload(wishes: Bench) -> Result<ExitCode, DevError> {
    let workspace = Workspace::find()?;
    let choice = Choice::make(wishes.server.allow_remote)?;
    let mut rounds = Vec::new();
    on_server(choice, Durability::Durable, false, async |run, server, _| {
        let settings = &overload::SETTINGS;
        let mut services =
            demo::start(run, server, &workspace, wishes.workers, profile(&wishes), settings).await?;
        let gateway = services.base_url().trim_start_matches("http://").parse();
        let (Ok(gateway), Some(process)) = (gateway, services.gateway_process()) else {
            return Err(DevError::Failed("the gateway has no address".into()));
        };
        for round in 1..=wishes.rounds {
            let name = random_hex()?;
            let measured = tokio::select! {
                biased;
                end = demo::first_end(&mut services, server) => return Err(end),
                measured = overload::measure(gateway, process, &name, wishes.seconds) => measured?,
            };
            talk::line(format_args!(
                "round {round} of {}: peak {:.0} events/s; at ten times of it {} admitted, {} refused, {} wrong",
                wishes.rounds,
                measured.peak_per_second,
                measured.during.admitted,
                measured.during.refused,
                measured.during.wrong
            ));
            rounds.push(measured);
        }
        Ok(())
    })
    .await?;
    overload_report::report(&rounds).print(&wishes)?;
    let is_right = rounds.iter().all(overload::Measured::is_right);
    Ok(ExitCode::from(u8::from(!is_right)))
}

fn profile(wishes: &Bench) -> demo::Profile {
    if wishes.debug {
        demo::Profile::Debug
    } else {
        demo::Profile::Release
    }
}
