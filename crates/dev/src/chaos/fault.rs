//! What can go wrong, and how often it is drawn.

use rand::RngExt;
use rand::rngs::StdRng;
use serde::Serialize;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    /// kill -9 of a gateway.
    KillGateway,
    /// kill -9 of a worker.
    KillWorker,
    /// SIGTERM to a gateway, and a new one.
    RestartGateway,
    /// SIGTERM to a worker, and a new one.
    RestartWorker,
    /// A gateway stands still for a while.
    StallGateway,
    /// A worker stands still past its lease.
    StallWorker,
    /// kill -9 of the primary and all its processes, which then recovers.
    KillPrimary,
    /// The primary stands still for a while.
    StallPrimary,
    /// Sessions of the primary stand still in the middle of a statement, one after the other.
    StallSession,
    /// The standby stands still for a while, and every commit waits for it.
    StallStandby,
    /// No file of the primary can grow for a while, as on a disk that is full.
    FullDisk,
    /// The primary dies, the standby is promoted, and the old one rewound.
    FailOver,
    /// Connections to the database are reset.
    Cut,
    /// Statements are done, and their answers lost.
    SwallowAnswers,
    /// Neither direction gets through for a while.
    Partition,
    /// What a process says does not get through for a while.
    Mute,
    /// What a process is told does not get through for a while.
    Deafen,
    /// A process is led to the standby for a while, where nothing can be written.
    WrongWay,
    /// Clients hang up at a random byte.
    HangUps,
    /// A worker whose clock is wrong and runs at another speed.
    SkewClock,
    /// Migrations of a set that nobody uses yet are undone and run again.
    Migrate,
}

impl Fault {
    /// Every kind, with how often it is drawn among the others.
    const WEIGHTS: [(Self, u32); 21] = [
        (Self::KillGateway, 5),
        (Self::KillWorker, 6),
        (Self::RestartGateway, 3),
        (Self::RestartWorker, 3),
        (Self::StallGateway, 2),
        (Self::StallWorker, 4),
        (Self::KillPrimary, 3),
        (Self::StallPrimary, 2),
        (Self::StallSession, 4),
        (Self::StallStandby, 3),
        (Self::FullDisk, 2),
        (Self::FailOver, 3),
        (Self::Cut, 5),
        (Self::SwallowAnswers, 6),
        (Self::Partition, 3),
        (Self::Mute, 2),
        (Self::Deafen, 2),
        (Self::WrongWay, 3),
        (Self::HangUps, 3),
        (Self::SkewClock, 1),
        (Self::Migrate, 1),
    ];

    /// Draws one of those that the world `has`.
    pub(super) fn draw(chance: &mut StdRng, has: impl Fn(Self) -> bool) -> Self {
        let there = || Self::WEIGHTS.iter().filter(|(fault, _)| has(*fault));
        let all: u32 = there().map(|(_, weight)| weight).sum();
        let mut drawn = chance.random_range(0..all.max(1));
        for (fault, weight) in there() {
            if drawn < *weight {
                return *fault;
            }
            drawn -= weight;
        }
        Self::KillWorker
    }

    /// Whether a standby takes part in it.
    pub(super) const fn needs_standby(self) -> bool {
        matches!(self, Self::FailOver | Self::WrongWay | Self::StallStandby)
    }

    /// Its name in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::KillGateway => "kill gateway",
            Self::KillWorker => "kill worker",
            Self::RestartGateway => "restart gateway",
            Self::RestartWorker => "restart worker",
            Self::StallGateway => "stall gateway",
            Self::StallWorker => "stall worker",
            Self::KillPrimary => "kill primary",
            Self::StallPrimary => "stall primary",
            Self::StallSession => "stall session",
            Self::StallStandby => "stall standby",
            Self::FullDisk => "full disk",
            Self::FailOver => "fail over",
            Self::Cut => "cut",
            Self::SwallowAnswers => "swallow answers",
            Self::Partition => "partition",
            Self::Mute => "mute",
            Self::Deafen => "deafen",
            Self::WrongWay => "wrong way",
            Self::HangUps => "hang-ups",
            Self::SkewClock => "skew clock",
            Self::Migrate => "migrate",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;

    #[test]
    fn every_kind_is_drawn_and_the_same_seed_draws_the_same() {
        let draw = |seed| {
            let mut chance = StdRng::seed_from_u64(seed);
            (0..2_000)
                .map(|_| Fault::draw(&mut chance, |_| true))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_eq!(
            draw(7).into_iter().collect::<BTreeSet<_>>().len(),
            Fault::WEIGHTS.len()
        );
    }

    #[test]
    fn without_a_standby_nothing_is_drawn_that_needs_one() {
        let mut chance = StdRng::seed_from_u64(1);
        for _ in 0..2_000 {
            let fault = Fault::draw(&mut chance, |fault| !fault.needs_standby());
            assert!(!fault.needs_standby());
        }
    }
}
