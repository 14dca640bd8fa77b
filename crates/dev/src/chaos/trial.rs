//! One run: the world is built, events are sent, faults are played, and what is in the database is judged.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep};

use super::client::{Senders, Shared};
use super::fault::Fault;
use super::player::Player;
use super::report::{self, Report, Requests};
use super::verdict::{self, Verdict};
use super::witness::Witness;
use super::world::World;
use crate::cli::Chaos;
use crate::error::DevError;
use crate::programs::Programs;
use crate::runs::Run;
use crate::workspace::Workspace;
use crate::{clock, talk};

/// How long everything may take to be processed once nobody sends and nothing fails any more.
const DRAINED_WITHIN: Duration = Duration::from_mins(1);
/// How often it says how far it is when nothing else happens.
const SAY_AGAIN: Duration = Duration::from_secs(10);
/// With fewer faults a run proves nothing about rare paths, and does not claim to.
const ENOUGH_FAULTS: u64 = 40;
/// Paths that a run of enough faults must have taken.
const RARE: [&str; 4] = ["reaped", "claims lost", "duplicates", "recordings tried again"];

/// Plays it, and judges.
pub(super) async fn live(
    run: &mut Run,
    workspace: &Workspace,
    wishes: &Chaos,
    seed: u64,
) -> Result<Report, DevError> {
    let mut selection = vec!["--package", "mailroom-gateway", "--package", "mailroom-worker"];
    selection.extend(["--package", "mailroom-db-migrate"]);
    if !wishes.debug {
        selection.push("--release");
    }
    let commit = workspace.commit().await;
    let programs = Programs::build(run, workspace, &selection).await?;
    let mut world = World::start(run, &programs, wishes).await?;
    if world.faketime.is_none() && wishes.rolls == 0 {
        talk::line(format_args!("libfaketime is not installed: no clock is skewed"));
    }
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
    let balancer = if wishes.rolls > 0 {
        Some(world.balancer().await?)
    } else {
        None
    };
    let ports = balancer
        .as_ref()
        .map_or_else(|| world.ports.clone(), |balancer| vec![balancer.port]);
    let senders = Senders::start(ports, wishes, seed);
    let mut player = Player {
        run,
        world: &mut world,
        programs: &programs,
        shared: &senders.shared,
        mutant: wishes.mutant,
        kinds: StdRng::seed_from_u64(seed),
        chance: StdRng::seed_from_u64(!seed),
    };
    let faults = player.all(wishes).await?;
    until_sent(&senders.shared, wishes.events).await?;
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
        .filter(|path| {
            enough && wishes.rolls == 0 && witnessed.paths.get(path).is_none_or(|taken| *taken == 0)
        })
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
        rolling: wishes.rolls > 0,
        faults: kinds,
        verdict,
        paths: witnessed.paths,
        counts: enough || wishes.rolls > 0,
        untried,
        longest_s: mailroom_store::server::evidence::longest_open(&database).await?,
        recovery_s: report::recoveries(&faults, |_| true),
        failover_s: report::recoveries(&faults, |it| it.fault == Fault::FailOver),
    })
}

async fn until_sent(shared: &Shared, events: u64) -> Result<(), DevError> {
    let mut moved = (Instant::now(), shared.acknowledged.load(Relaxed));
    let mut said = Instant::now();
    while shared.acknowledged.load(Relaxed) < events {
        sleep(Duration::from_millis(100)).await;
        let acknowledged = shared.acknowledged.load(Relaxed);
        if acknowledged > moved.1 {
            moved = (Instant::now(), acknowledged);
        } else if moved.0.elapsed() > DRAINED_WITHIN {
            return Err(DevError::Failed("events are no longer acknowledged".into()));
        }
        if said.elapsed() > SAY_AGAIN {
            said = Instant::now();
            talk::line(format_args!(
                "{} of {} events acknowledged",
                shared.acknowledged.load(Relaxed),
                events
            ));
        }
    }
    Ok(())
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
