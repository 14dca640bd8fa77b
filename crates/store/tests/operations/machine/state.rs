//! What the queue is: events, lanes and workers, and the clock of the database.

use std::collections::{BTreeMap, BTreeSet};

use mailroom_domain::ErrorCode;

use super::call::{Call, Outcome};
use super::mutants::Mutant;

/// Time by the database's clock. Each statement takes one tick; everything else takes hours.
pub(super) type Time = i64;
pub(super) const HOUR: Time = 1_000_000;

/// How long lanes are leased for.
pub(super) const LEASE_HOURS: i64 = 3;
/// The reaper's delays after the first, second, ... attempt.
pub(super) const DELAY_HOURS: [i64; 2] = [1, 2];
/// No event is claimed more often.
pub(super) const MOST_ATTEMPTS: u32 = 3;
const _: () = assert!(DELAY_HOURS.len() + 1 == MOST_ATTEMPTS as usize);

pub(super) const LANES: usize = 3;
/// Conversations, the first three of which share a lane.
pub(super) const TALKS: usize = 7;
const LANE_OF: [usize; TALKS] = [0, 0, 0, 1, 1, 2, 2];

/// How far an event has come, with what the columns beside its status hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Received,
    Processed,
    Error { due: Time },
    DeadLetter,
}

impl Status {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Processed => "processed",
            Self::Error { .. } => "error",
            Self::DeadLetter => "dead_letter",
        }
    }

    pub(super) const fn is_final(self) -> bool {
        matches!(self, Self::Processed | Self::DeadLetter)
    }
}

/// One event; its number is its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) talk: usize,
    pub(super) arrival: i64,
    pub(super) status: Status,
    pub(super) attempts: u32,
    pub(super) error: Option<ErrorCode>,
    pub(super) duplicates: u32,
}

impl Event {
    pub(super) const fn lane(&self) -> usize {
        lane_of(self.talk)
    }
}

pub(super) const fn lane_of(talk: usize) -> usize {
    LANE_OF[talk]
}

/// What a worker has noted as in work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noted {
    pub(super) worker: u32,
    pub(super) lanes: BTreeSet<usize>,
    pub(super) events: BTreeSet<usize>,
}

/// Who tends a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) owner: u32,
    pub(super) tenure: u32,
    pub(super) until: Time,
}

/// The queue.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) now: Time,
    /// The last arrival that was drawn. Redeliveries draw one too.
    pub(super) arrivals: i64,
    pub(super) events: Vec<Event>,
    pub(super) lanes: [Option<Lease>; LANES],
    /// Claims, by their tokens.
    pub(super) claims: BTreeMap<u32, Noted>,
    /// Until when each worker that signed on counts as alive.
    pub(super) workers: BTreeMap<u32, Time>,
    /// Events whose effect was applied, in that order.
    pub(super) effects: Vec<usize>,
    /// The defect it has, to show that the properties see it.
    pub(super) mutant: Option<Mutant>,
}

impl Machine {
    pub(super) const fn new(mutant: Option<Mutant>) -> Self {
        Self {
            now: 0,
            arrivals: 0,
            events: Vec::new(),
            lanes: [None; LANES],
            claims: BTreeMap::new(),
            workers: BTreeMap::new(),
            effects: Vec::new(),
            mutant,
        }
    }

    /// One statement.
    pub(super) fn apply(&mut self, call: &Call) -> Outcome {
        self.now += 1;
        match call {
            Call::Record { said } => self.record(said),
            Call::Heartbeat { worker } => self.heartbeat(*worker),
            Call::Take { worker, tenure, most } => self.take(*worker, *tenure, *most),
            Call::GiveBack { worker, lanes } => self.give_back(*worker, lanes),
            Call::Leave { worker } => self.leave(*worker),
            Call::Claim {
                worker,
                places,
                depth,
                token,
                over,
            } => self.claim(*worker, places, *depth, *token, over),
            Call::ClaimDue {
                worker,
                lanes,
                limit,
                token,
            } => self.claim_due(*worker, lanes, *limit, *token),
            Call::Finish { token, events } => self.finish(*token, events),
            Call::Retry { token, events, hours } => self.retry(*token, events, *hours),
            Call::Bury { token, events } => self.bury(*token, events),
            Call::Release { token, events } => self.release(*token, events),
            Call::Reap {
                worker,
                lanes,
                in_flight,
            } => self.reap(*worker, lanes, in_flight),
            Call::Wait { hours } => {
                self.now += hours * HOUR;
                Outcome::Done
            }
        }
    }

    /// Events are numbered as they first come, and so are messages: the same number is the same message.
    fn record(&mut self, said: &[(usize, usize)]) -> Outcome {
        let mut drew = Vec::new();
        let mut recorded = Vec::new();
        for &(number, talk) in said {
            if !drew.contains(&number) {
                drew.push(number);
                self.arrivals += 1;
            }
            let is_new = number == self.events.len();
            if is_new {
                self.events.push(Event {
                    talk,
                    arrival: self.arrivals,
                    status: Status::Received,
                    attempts: 0,
                    error: None,
                    duplicates: 0,
                });
            } else {
                self.events[number].duplicates += 1;
            }
            recorded.push((number, is_new));
        }
        Outcome::Recorded(recorded)
    }

    /// Whether this worker holds this lane now.
    pub(super) fn holds(&self, worker: u32, lane: usize) -> bool {
        self.lanes[lane].is_some_and(|lease| lease.owner == worker && lease.until > self.now)
    }
}
