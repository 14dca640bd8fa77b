//! `cargo dev bench`: measures the real programs on a durable server, in rounds, and reports the spread; the adapters
//! on their own.

mod adapters;
mod figures;
mod latency;
mod load;

use std::process::ExitCode;

use mailroom_store::server::durability_settings;

use self::latency::Measured;
use crate::cli::{Bench, Benchmark};
use crate::demo::{self, DATABASE};
use crate::error::DevError;
use crate::postgres::{Choice, Durability};
use crate::session::on_server;
use crate::talk;
use crate::workspace::Workspace;

/// Runs the benchmark; fails when an event was refused or never became visible.
pub(crate) async fn run(wishes: Bench) -> Result<ExitCode, DevError> {
    match wishes.what {
        Benchmark::Latency => latency(wishes).await,
        Benchmark::Adapters => adapters::run(&wishes).await,
    }
}

async fn latency(wishes: Bench) -> Result<ExitCode, DevError> {
    let workspace = Workspace::find()?;
    let choice = Choice::make(wishes.server.allow_remote)?;
    on_server(choice, Durability::Durable, false, async |run, server, _| {
        let profile = if wishes.debug {
            demo::Profile::Debug
        } else {
            demo::Profile::Release
        };
        let mut services = demo::start(run, server, &workspace, wishes.workers, profile).await?;
        let settings = durability_settings(&server.url_of(&server.database(DATABASE))).await?;
        let mut rounds = Vec::new();
        for round in 1..=wishes.rounds {
            let base_url = services.base_url().to_owned();
            let measured = tokio::select! {
                biased;
                end = demo::first_end(&mut services, server) => return Err(end),
                measured = latency::measure(&base_url, wishes.rate, wishes.seconds) => measured?,
            };
            talk::line(format_args!(
                "round {round} of {}: {}",
                wishes.rounds, measured.visible
            ));
            rounds.push(measured);
        }
        Measured::print(&rounds, &wishes, &settings)
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}
