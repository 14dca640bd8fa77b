//! `cargo dev`: the whole of mailroom on one machine, with recorded traffic played at it.

mod playing;
mod progress;
mod service;
mod settings;
mod summary;
mod table;

use std::process::ExitCode;

use mailroom_store::server::{create_database, durability_settings};

use crate::cli::Demo;
use crate::error::DevError;
use crate::interrupt::Interrupt;
use crate::postgres::{Choice, Durability, Server};
use crate::programs::Programs;
use crate::runs::Run;
use crate::session::on_server;
use crate::talk;
use crate::workspace::Workspace;
pub(crate) use service::{Services, first_end};
use summary::Summary;

/// Its database on a private server.
pub(crate) const DATABASE: &str = "mailroom";

/// Runs the demonstration; fails when something that was sent is missing, doubled or out of order.
pub(crate) async fn run(wishes: Demo) -> Result<ExitCode, DevError> {
    let workspace = Workspace::find()?;
    let choice = Choice::make(wishes.server.allow_remote)?;
    // Ctrl-C is how the demonstration ends, once it has shown what there is to show.
    let mut shown = None;
    let outcome = on_server(
        choice,
        Durability::Durable,
        wishes.keep,
        async |run, server, interrupt| {
            let services = &mut start(run, server, &workspace, wishes.workers, Profile::Debug, &[]).await?;
            let clean = show(services, server, run, &wishes).await?;
            shown = Some(clean);
            if wishes.once {
                Ok(())
            } else {
                stay(services, server, interrupt).await
            }
        },
    )
    .await;
    match (outcome, shown) {
        (Ok(()) | Err(DevError::Interrupted), Some(true)) => Ok(ExitCode::SUCCESS),
        (Ok(()) | Err(DevError::Interrupted), Some(false)) => Ok(ExitCode::FAILURE),
        (Err(error), _) => Err(error),
        (Ok(()), None) => Err(DevError::Failed(
            "the demonstration ended before it showed anything".into(),
        )),
    }
}

/// How the programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Soon.
    Debug,
    /// As they are shipped.
    Release,
}

/// Builds what is to run, migrates the database, starts the services and waits until they are ready.
/// `gateway_settings` come on top of the demonstration's.
pub(crate) async fn start(
    run: &mut Run,
    server: &mut Server,
    workspace: &Workspace,
    workers: u8,
    profile: Profile,
    gateway_settings: &[(&str, &str)],
) -> Result<Services, DevError> {
    let packages = ["mailroom-gateway", "mailroom-worker", "mailroom-db-migrate"];
    let mut selection: Vec<&str> = packages
        .iter()
        .flat_map(|package| ["--package", package])
        .collect();
    if profile == Profile::Release {
        selection.push("--release");
    }
    let programs = Programs::build(run, workspace, &selection).await?;
    if server.is_private() {
        create_database(&server.url(), DATABASE).await?;
    }
    let database = server.database(DATABASE);
    let url = server.url_of(&database);
    programs.migrate(run, &url).await?;
    talk::line(format_args!("database `{database}` has the schema of this tree"));
    let mut services = Services::start(run, &programs, &url, workers, gateway_settings)?;
    let ready = services.ready();
    ready.await?;
    Ok(services)
}

/// Plays the traffic, checks what came of it and prints it; whether all of it was right.
async fn show(
    services: &mut Services,
    server: &mut Server,
    run: &Run,
    wishes: &Demo,
) -> Result<bool, DevError> {
    let base_url = services.base_url().to_owned();
    let admin_urls = services.admin_urls();
    let report = tokio::select! {
        biased;
        end = first_end(services, server) => return Err(end),
        report = playing::play_and_check(&base_url, &admin_urls[0].1) => report?,
    };
    let durability = durability_settings(&server.url_of(&server.database(DATABASE))).await?;
    let summary = Summary {
        report: &report,
        base_url: &base_url,
        admin_urls: &admin_urls,
        psql: server.psql(DATABASE),
        durability: &durability,
        logs: run.directory().join("logs"),
        stays: !wishes.once,
    };
    summary.print(wishes.output)?;
    Ok(report.is_clean())
}

/// Stays up until Ctrl-C, or until something that should run no longer does.
async fn stay(services: &mut Services, server: &mut Server, interrupt: &Interrupt) -> Result<(), DevError> {
    talk::line(format_args!("everything stays up until Ctrl-C"));
    tokio::select! {
        () = interrupt.wait() => Ok(()),
        end = first_end(services, server) => Err(end),
    }
}
