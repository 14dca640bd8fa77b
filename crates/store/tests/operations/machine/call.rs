//! The statements of the store that make up the queue, and what each of them gives.

use std::collections::{BTreeMap, BTreeSet};

/// One statement, or the passing of time. Workers, tenures, tokens and events are numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Call {
    /// Messages by number, with the conversation of each.
    Record {
        said: Vec<(usize, usize)>,
    },
    Heartbeat {
        worker: u32,
    },
    Take {
        worker: u32,
        tenure: u32,
        most: usize,
    },
    GiveBack {
        worker: u32,
        lanes: Vec<usize>,
    },
    Leave {
        worker: u32,
    },
    Claim {
        worker: u32,
        /// Lanes, with the arrival after which to look.
        places: Vec<(usize, i64)>,
        depth: u32,
        token: u32,
        over: Vec<u32>,
    },
    ClaimDue {
        worker: u32,
        lanes: Vec<usize>,
        limit: u32,
        token: u32,
    },
    Finish {
        token: u32,
        events: Vec<usize>,
    },
    Retry {
        token: u32,
        events: Vec<usize>,
        hours: i64,
    },
    Bury {
        token: u32,
        events: Vec<usize>,
    },
    Release {
        token: u32,
        events: Vec<usize>,
    },
    Reap {
        worker: u32,
        lanes: Vec<usize>,
        in_flight: Vec<u32>,
    },
    Wait {
        hours: i64,
    },
}

/// What a statement gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// The event that stands for each message, and whether it is new.
    Recorded(Vec<(usize, bool)>),
    /// The lanes still held, each with its tenure, and how many workers are alive.
    Pulse {
        held: BTreeMap<usize, u32>,
        workers: usize,
    },
    Taken(BTreeSet<usize>),
    Claimed {
        /// In order of arrival, with how often each has been claimed.
        events: Vec<(usize, u32)>,
        /// How far each lane was looked at, and how many events were seen there.
        reached: BTreeMap<usize, (i64, i64)>,
    },
    /// Which of the events were still the token's.
    Settled(BTreeSet<usize>),
    Reaped {
        retried: u64,
        buried: u64,
        lanes: BTreeSet<usize>,
    },
}
