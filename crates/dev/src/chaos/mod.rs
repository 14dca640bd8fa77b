//! `cargo dev chaos`: a private world of real programs, a provider who remembers everything, and faults.
//!
//! At the end the database has to hold every acknowledged event once, in order, and nothing may be stuck.

mod client;
mod event;
mod fault;
mod mutant;
mod mutated;
mod node;
mod pair;
mod player;
mod process;
mod proxy;
mod report;
mod verdict;
mod witness;
mod world;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use clap::ValueEnum;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep};

use crate::cli::{Chaos, Output};
use crate::error::DevError;
use crate::interrupt::Interrupt;
use crate::postgres::Choice;
use crate::programs::Programs;
use crate::runs::Run;
use crate::workspace::Workspace;
use crate::{clock, randomness, talk};
use client::Senders;
use fault::Fault;
pub(crate) use mutant::Mutant;
use player::Player;
use report::{Report, Requests};
use verdict::Verdict;
use witness::Witness;
use world::World;

/// How long everything may take to be processed once nobody sends and nothing fails any more.
const DRAINED_WITHIN: Duration = Duration::from_mins(1);
/// With fewer faults a run proves nothing about rare paths, and does not claim to.
const ENOUGH_FAULTS: u64 = 40;
/// Paths that a run of enough faults must have taken.
const RARE: [&str; 4] = ["reaped", "claims lost", "duplicates", "unknown commits"];

/// Runs it; fails when anything was lost, doubled, disordered or stuck, or when that was wanted and was not found.
pub(crate) async fn run(wishes: Chaos) -> Result<ExitCode, DevError> {
    let workspace = Workspace::find()?;
    if wishes.mutants {
        return every_mutant(&workspace, wishes).await;
    }
    let report = played(&workspace, &wishes).await?;
    report.print(wishes.output)?;
    if let Some(ledger) = &wishes.ledger {
        report.enter(ledger)?;
    }
    Ok(ExitCode::from(u8::from(!report.is_clean())))
}

/// Whether each mutant is found out.
async fn every_mutant(workspace: &Workspace, mut wishes: Chaos) -> Result<ExitCode, DevError> {
    let mut missed = 0;
    for mutant in Mutant::value_variants() {
        wishes.mutant = Some(*mutant);
        let report = played(workspace, &wishes).await?;
        report.print(Output::Text)?;
        let name = mutant
            .to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned());
        if report.verdict.is_clean() {
            missed += 1;
        }
        let fate = if report.verdict.is_clean() {
            "not found out"
        } else {
            "found out"
        };
        talk::line(format_args!("{name}: {fate}"));
    }
    Ok(ExitCode::from(u8::from(missed > 0)))
}

/// One run, from the build to the verdict.
async fn played(workspace: &Workspace, wishes: &Chaos) -> Result<Report, DevError> {
    let mutated = match wishes.mutant {
        Some(mutant) => Some(mutated::tree(workspace, mutant).await?),
        None => None,
    };
    let workspace = mutated.as_ref().unwrap_or(workspace);
    let seed = match wishes.seed {
        Some(seed) => seed,
        None => u64::from(u32::from_be_bytes(randomness::random_bytes()?)),
    };
    let interrupt = Interrupt::listen()?;
    let mut run = Run::start(&Choice::private()?.temp())?;
    talk::line(format_args!("seed {seed}; logs in {}", run.directory().display()));
    let outcome = interrupt.unless(live(&mut run, workspace, wishes, seed)).await;
    let keep = wishes.keep || wishes.mutant.is_none() && !outcome.as_ref().is_ok_and(Report::is_clean);
    let directory = run.directory().to_owned();
    run.finish(keep)?;
    if keep {
        talk::line(format_args!("kept: {}", directory.display()));
    }
    outcome
}

async fn live(run: &mut Run, workspace: &Workspace, wishes: &Chaos, seed: u64) -> Result<Report, DevError> {
    let mut selection = vec!["--package", "mailroom-gateway", "--package", "mailroom-worker"];
    selection.extend(["--package", "mailroom-db-migrate"]);
    if !wishes.debug {
        selection.push("--release");
    }
    let commit = workspace.commit().await;
    let programs = Programs::build(run, workspace, &selection).await?;
    let mut world = World::start(run, &programs, wishes).await?;
    talk::line(format_args!(
        "{} gateways, {} workers, all ready",
        world.gateways.len(),
        world.workers.len()
    ));
    let begun = Instant::now();
    let witness = Witness::start(
        world.processes().map(|process| process.admin).collect(),
        world.client(),
    );
    let senders = Senders::start(world.ports.clone(), wishes, seed);
    let mut player = Player {
        run,
        world: &mut world,
        programs: &programs,
        shared: &senders.shared,
        chance: StdRng::seed_from_u64(seed),
    };
    let mut faults = Vec::new();
    while faults.len() < wishes.faults {
        let fault = player.next().await?;
        faults.push(fault);
        talk::line(format_args!(
            "fault {} of {}: {}, {:.2} s; {} events acknowledged",
            faults.len(),
            wishes.faults,
            fault.fault.name(),
            fault.recovery.as_secs_f64(),
            senders.shared.acknowledged.load(Relaxed)
        ));
    }
    while senders.shared.acknowledged.load(Relaxed) < wishes.events {
        sleep(Duration::from_millis(100)).await;
    }
    let shared = std::sync::Arc::clone(&senders.shared);
    let stored = senders.finish().await?;
    let database = world.database_url();
    let verdict = settled(&database, &stored).await?;
    let witnessed = witness.seen();
    let mut kinds = BTreeMap::new();
    for it in &faults {
        *kinds.entry(it.fault.name()).or_default() += 1;
    }
    let enough = kinds.values().sum::<u64>() >= ENOUGH_FAULTS;
    let untried = RARE
        .into_iter()
        .filter(|path| enough && witnessed.paths.get(path).is_none_or(|taken| *taken == 0))
        .collect();
    Ok(Report {
        seed,
        at: report::stamp(clock::now()),
        commit,
        seconds: report::seconds(begun.elapsed()),
        events: shared.acknowledged.load(Relaxed),
        requests: Requests {
            ok: shared.ok.load(Relaxed),
            failed: shared.failed.load(Relaxed),
            unknown: shared.unknown.load(Relaxed),
            refused: shared.refused.load(Relaxed),
            hung_up: shared.hung_up.load(Relaxed),
        },
        faults: kinds,
        verdict,
        paths: witnessed.paths,
        untried,
        oldest_due_s: witnessed.oldest,
        recovery_s: report::recoveries(&faults, |_| true),
        failover_s: report::recoveries(&faults, |it| it.fault == Fault::FailOver),
    })
}

/// Waits until everything is processed, and judges; what is stuck after a minute is judged as well.
async fn settled(database: &str, stored: &[(u32, u32)]) -> Result<Verdict, DevError> {
    let until = Instant::now() + DRAINED_WITHIN;
    loop {
        let counts = mailroom_store::server::evidence::events(database).await?;
        let open = counts
            .iter()
            .any(|count| ["received", "processing", "error"].contains(&count.status.as_str()));
        if !open || Instant::now() > until {
            return verdict::judge(database, stored).await;
        }
        sleep(Duration::from_millis(250)).await;
    }
}
