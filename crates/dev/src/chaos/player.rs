//! Plays faults at the world, one after the other, and sees to it that the world is whole again after each.

use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use tokio::time::Instant;

use super::client::Shared;
use super::fault::Fault;
use super::mutant::Mutant;
use super::node::PRLIMIT;
use super::world::{LEASE, World};
use crate::cli::Chaos;
use crate::error::DevError;
use crate::programs::Programs;
use crate::runs::Run;
use crate::talk;

/// A fault that was played.
#[derive(Debug, Clone, Copy)]
pub(super) struct Played {
    /// What it was.
    pub(super) fault: Fault,
    /// From when the world could work again until every gateway had acknowledged a request.
    pub(super) recovery: Duration,
}

/// Plays faults.
pub(super) struct Player<'a> {
    pub(super) run: &'a mut Run,
    pub(super) world: &'a mut World,
    pub(super) programs: &'a Programs,
    pub(super) shared: &'a Shared,
    /// A known bug in what is played at.
    pub(super) mutant: Option<Mutant>,
    /// What kinds of faults come one after the other: the same for a seed, whatever happens meanwhile.
    pub(super) kinds: StdRng,
    pub(super) chance: StdRng,
}

impl Player<'_> {
    /// Plays all that is wished for.
    pub(super) async fn all(&mut self, wishes: &Chaos) -> Result<Vec<Played>, DevError> {
        let mut faults = Vec::new();
        for roll in 1..=wishes.rolls {
            faults.extend(self.roll().await?);
            talk::line(format_args!(
                "roll {roll} of {}; {} events acknowledged, {} requests failed",
                wishes.rolls,
                self.shared.acknowledged.load(Relaxed),
                self.shared.failed.load(Relaxed) + self.shared.unknown.load(Relaxed)
            ));
        }
        while wishes.rolls == 0 && faults.len() < wishes.faults {
            let fault = self.next().await?;
            faults.push(fault);
            talk::line(format_args!(
                "fault {} of {}: {}, {:.2} s; {} events acknowledged",
                faults.len(),
                wishes.faults,
                fault.fault.name(),
                fault.recovery.as_secs_f64(),
                self.shared.acknowledged.load(Relaxed)
            ));
        }
        Ok(faults)
    }

    /// Draws one, plays it, and waits until requests are acknowledged again.
    async fn next(&mut self) -> Result<Played, DevError> {
        let (standby, clocks) = (self.world.pair.standby.is_some(), self.world.faketime.is_some());
        let (limits, mutant) = (Path::new(PRLIMIT).exists(), self.mutant);
        let can_be = |fault: Fault| match fault {
            Fault::SkewClock => clocks,
            Fault::FullDisk => limits,
            fault => standby || !fault.needs_standby(),
        };
        let fault = Fault::draw(&mut self.kinds, |fault| {
            can_be(fault) && mutant.is_none_or(|mutant| mutant.is_met_by(fault))
        });
        let recovery = if fault == Fault::FailOver {
            self.fail_over().await?
        } else {
            self.play(fault).await?;
            self.shared.recovery().await?
        };
        // Whoever was not hit must not speak for whoever was.
        self.world.ready().await?;
        let fault = Played { fault, recovery };
        for process in self.world.processes() {
            if process.is_gone() {
                return Err(DevError::Failed(format!(
                    "{} ended although nobody asked it to",
                    process.name
                )));
            }
        }
        self.pause(100, 1_000).await;
        Ok(fault)
    }

    async fn play(&mut self, fault: Fault) -> Result<(), DevError> {
        match fault {
            Fault::KillGateway => {
                let gateway = self.chance.random_range(0..self.world.gateways.len());
                self.world.gateways[gateway].kill(self.run).await?;
                self.pause(0, 1_500).await;
                self.world.gateways[gateway].start(self.run, &[])
            }
            Fault::KillWorker => {
                let worker = self.worker();
                self.world.workers[worker].kill(self.run).await?;
                self.pause(0, 5_000).await;
                self.world.workers[worker].start(self.run, &[])
            }
            Fault::RestartGateway => {
                let gateway = self.chance.random_range(0..self.world.gateways.len());
                self.world.gateways[gateway].stop(self.run).await?;
                self.world.gateways[gateway].start(self.run, &[])
            }
            Fault::RestartWorker => {
                let worker = self.worker();
                self.world.workers[worker].stop(self.run).await?;
                self.world.workers[worker].start(self.run, &[])
            }
            Fault::StallGateway => {
                let gateway = self.chance.random_range(0..self.world.gateways.len());
                self.world.gateways[gateway].stall(true);
                self.pause(500, 4_000).await;
                self.world.gateways[gateway].stall(false);
                Ok(())
            }
            Fault::StallWorker => {
                let worker = self.worker();
                self.stall_at_work(worker).await;
                let past = LEASE.as_millis().try_into().unwrap_or(3_000);
                self.pause(past, past + 3_000).await;
                self.world.workers[worker].stall(false);
                Ok(())
            }
            Fault::KillPrimary => {
                self.world.pair.primary.kill(self.run).await?;
                self.pause(0, 1_000).await;
                let pair = &mut self.world.pair;
                pair.primary.start(self.run, &pair.programs).await
            }
            Fault::StallPrimary => {
                self.world.pair.primary.stall(true);
                self.pause(500, 4_000).await;
                self.world.pair.primary.stall(false);
                Ok(())
            }
            Fault::StallSession => self.stall_sessions().await,
            Fault::StallStandby => {
                self.stall_standby(true);
                self.pause(500, 6_000).await;
                self.stall_standby(false);
                Ok(())
            }
            Fault::FullDisk => {
                self.fill(true).await?;
                self.pause(500, 6_000).await;
                self.fill(false).await
            }
            Fault::FailOver => self.fail_over().await.map(drop),
            Fault::Cut => {
                self.process().line.cut();
                Ok(())
            }
            Fault::SwallowAnswers => self.swallow().await,
            Fault::Partition => self.hold(true, true).await,
            Fault::Mute => self.hold(true, false).await,
            Fault::Deafen => self.hold(false, true).await,
            Fault::WrongWay => self.wrong_way().await,
            Fault::HangUps => {
                let hang_up = &self.shared.hang_up;
                hang_up.store(true, Relaxed);
                self.pause(500, 3_000).await;
                hang_up.store(false, Relaxed);
                Ok(())
            }
            Fault::SkewClock => self.skew_clock().await,
            Fault::Migrate => {
                let (run, database) = (&mut *self.run, self.world.database_url());
                let undo = ["down", "--set", "mailbox", "--to", "0", "--yes"];
                self.programs.db_migrate(run, &database, &undo).await?;
                self.programs.db_migrate(run, &database, &["up"]).await
            }
        }
    }

    /// The primary dies while the standby is behind by a moment. The lines follow the new primary at once, as a managed
    /// database's name does; the old one is rewound afterwards. How long it took until an event was acknowledged by the
    /// new one.
    async fn fail_over(&mut self) -> Result<Duration, DevError> {
        self.stall_standby(true);
        self.pause(0, 300).await;
        self.world.pair.fail_over(self.run).await?;
        let port = self.world.pair.primary.port;
        for process in self.world.processes() {
            process.line.lead_to(port);
        }
        let recovery = self.shared.recovery().await?;
        self.world.pair.rejoin(self.run).await?;
        Ok(recovery)
    }

    async fn fill(&self, full: bool) -> Result<(), DevError> {
        let pair = &self.world.pair;
        pair.primary.fill(&pair.programs, full).await
    }

    fn stall_standby(&self, stall: bool) {
        if let Some(standby) = &self.world.pair.standby {
            standby.stall(stall);
        }
    }

    /// Replaces a worker by one whose clock is ten minutes off and runs at twice the speed, and that one by a right one.
    async fn skew_clock(&mut self) -> Result<(), DevError> {
        let Some(library) = self.world.faketime.clone() else {
            return Ok(());
        };
        let worker = self.worker();
        let off = if self.chance.random() {
            "+600s x2"
        } else {
            "-600s x2"
        };
        let library = library.display().to_string();
        let skewed = [
            ("LD_PRELOAD", library.as_str()),
            ("FAKETIME", off),
            ("DONT_FAKE_MONOTONIC", "1"),
        ];
        self.world.workers[worker].stop(self.run).await?;
        self.world.workers[worker].start(self.run, &skewed)?;
        self.pause(1_000, 4_000).await;
        self.world.workers[worker].kill(self.run).await?;
        self.world.workers[worker].start(self.run, &[])
    }

    fn worker(&mut self) -> usize {
        self.chance.random_range(0..self.world.workers.len())
    }

    pub(super) fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.chance.random_range(least..=most))
    }

    pub(super) async fn pause(&mut self, least: u64, most: u64) {
        let length = self.millis(least, most);
        tokio::time::sleep_until(Instant::now() + length).await;
    }
}
