//! What a worker knows: its lanes and its place in each.

use std::collections::{BTreeMap, BTreeSet};

/// How many workers there are at any time.
pub(super) const MEMBERS: usize = 3;

/// A lane that a worker believes to hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holding {
    pub(super) tenure: u32,
    /// Claims look behind this arrival.
    pub(super) after: i64,
    /// Whether it has reaped there; before, it does not claim.
    pub(super) reaped: bool,
}

impl Holding {
    pub(super) const fn new(tenure: u32) -> Self {
        Self {
            tenure,
            after: 0,
            reaped: false,
        }
    }
}

/// A worker as it knows itself.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) id: u32,
    pub(super) lanes: BTreeMap<usize, Holding>,
}

impl Member {
    pub(super) const fn new(id: u32) -> Self {
        Self {
            id,
            lanes: BTreeMap::new(),
        }
    }

    /// Learns from a heartbeat what it holds.
    pub(super) fn reconcile(&mut self, held: &BTreeMap<usize, u32>) {
        let known = std::mem::take(&mut self.lanes);
        for (&lane, &tenure) in held {
            let holding = known.get(&lane).filter(|holding| holding.tenure == tenure);
            self.lanes
                .insert(lane, holding.copied().unwrap_or(Holding::new(tenure)));
        }
    }

    /// What stood at or behind this arrival may be claimable again.
    pub(super) fn rewind(&mut self, lane: usize, arrival: i64) {
        if let Some(holding) = self.lanes.get_mut(&lane) {
            holding.after = holding.after.min(arrival - 1);
        }
    }

    pub(super) fn start_over(&mut self) {
        for holding in self.lanes.values_mut() {
            holding.after = 0;
        }
    }
}

/// A claim that its worker heard of.
#[derive(Debug, Clone)]
pub(super) struct InHand {
    pub(super) token: u32,
    pub(super) worker: u32,
    /// Whether it was of retries that were due.
    pub(super) due: bool,
    /// What is still to be settled, in order of arrival, with the attempts of each.
    pub(super) open: Vec<(usize, u32)>,
    /// Conversations of which something was put aside.
    pub(super) put_aside: BTreeSet<usize>,
    /// What was settled, or found to be lost.
    pub(super) over: Vec<usize>,
    /// Whether its note is taken away with the next claim: not yet, or not any more, or never, since something of it was lost.
    /// Whoever has the lane then reaps it, lest a retry of it goes before what was in hand with it.
    pub(super) keeps_note: bool,
}
