//! The lanes this worker holds, as far as it knows. What counts is in the database, where every claim is tested.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use mailroom_domain::{Lane, LaneToken, Place, fair_share};
use mailroom_store::lane::{Pulse, Tenure};
use tokio::time::Instant;

/// Shared by the desk and the heartbeat.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holdings(Arc<Mutex<Held>>);

/// One lane.
#[derive(Debug)]
struct Holding {
    token: LaneToken,
    place: Place,
    /// Since when, by our own clock.
    since: Instant,
    /// Whether it was reaped since it was taken. Nothing is claimed in it before: a claim looks at no other's.
    is_reaped: bool,
}

impl Holding {
    fn new(token: LaneToken, since: Instant) -> Self {
        Self {
            token,
            place: Place::default(),
            since,
            is_reaped: false,
        }
    }
}

#[derive(Debug)]
struct Held {
    lanes: BTreeMap<Lane, Holding>,
    workers: usize,
}

impl Default for Held {
    fn default() -> Self {
        Self {
            lanes: BTreeMap::new(),
            workers: 1,
        }
    }
}

impl Holdings {
    fn held(&self) -> MutexGuard<'_, Held> {
        // Every change is whole before the lock is let go.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds lanes that were just taken.
    pub(crate) fn add(&self, tenure: &Tenure, now: Instant) {
        let mut held = self.held();
        for lane in &tenure.lanes {
            held.lanes.insert(*lane, Holding::new(tenure.token, now));
        }
    }

    /// Removes lanes that are about to be given back.
    pub(crate) fn remove(&self, lanes: &[Lane]) {
        let mut held = self.held();
        held.lanes.retain(|lane, _| !lanes.contains(lane));
    }

    /// Takes over what a heartbeat found: lanes it did not renew are lost, unless they were taken since it was `asked_at`;
    /// lanes it renewed unknown to us are ours (the answer to taking them was lost). Gives back how many were lost.
    pub(crate) fn reconcile(&self, pulse: &Pulse, asked_at: Instant) -> usize {
        let mut held = self.held();
        let mut before = std::mem::take(&mut held.lanes);
        held.workers = pulse.workers;
        for &(lane, token) in &pulse.held {
            let holding = match before.remove(&lane) {
                Some(known) if known.token == token => known,
                _ => Holding::new(token, asked_at),
            };
            held.lanes.insert(lane, holding);
        }
        let known = before.len();
        before.retain(|_, holding| holding.since >= asked_at);
        let lost = known - before.len();
        held.lanes.append(&mut before);
        lost
    }

    /// Forgets all lanes: the lease must be taken to have ended. Gives back how many there were.
    pub(crate) fn clear(&self) -> usize {
        std::mem::take(&mut self.held().lanes).len()
    }

    /// Live workers, this one included, as of the last heartbeat.
    pub(crate) fn workers(&self) -> usize {
        self.held().workers
    }

    /// Whether less than a fair share is held.
    pub(crate) fn is_short(&self) -> bool {
        let held = self.held();
        held.lanes.len() < fair_share(held.workers)
    }

    /// The lanes held, ascending, each with its tenure.
    pub(crate) fn tenures(&self) -> Vec<(Lane, LaneToken)> {
        let held = self.held();
        held.lanes
            .iter()
            .map(|(lane, holding)| (*lane, holding.token))
            .collect()
    }

    /// Notes that these lanes were reaped, if they still are of that tenure. Gives back for which that is news.
    pub(crate) fn reaped(&self, tenures: impl IntoIterator<Item = (Lane, LaneToken)>) -> Vec<Lane> {
        let mut held = self.held();
        let mut news = Vec::new();
        for (lane, token) in tenures {
            if let Some(holding) = held.lanes.get_mut(&lane)
                && holding.token == token
                && !holding.is_reaped
            {
                holding.is_reaped = true;
                news.push(lane);
            }
        }
        news
    }

    /// Whether there are lanes that were not reaped yet.
    pub(crate) fn wait_for_reaping(&self) -> bool {
        self.held().lanes.values().any(|holding| !holding.is_reaped)
    }

    /// The lanes to work in, ascending: those that were reaped.
    pub(crate) fn lanes(&self) -> Vec<Lane> {
        let held = self.held();
        let reaped = held.lanes.iter().filter(|(_, holding)| holding.is_reaped);
        reaped.map(|(lane, _)| *lane).collect()
    }

    /// Where claims in these lanes start; those that are not to be worked in are left out.
    pub(crate) fn places(&self, lanes: impl IntoIterator<Item = Lane>) -> Vec<(Lane, i64)> {
        let held = self.held();
        let holding = |lane| held.lanes.get(&lane).filter(|holding| holding.is_reaped);
        lanes
            .into_iter()
            .filter_map(|lane| Some((lane, holding(lane)?.place.after())))
            .collect()
    }

    /// Changes the place in one lane, if it is held.
    pub(crate) fn update<T>(&self, lane: Lane, change: impl FnOnce(&mut Place) -> T) -> Option<T> {
        self.held()
            .lanes
            .get_mut(&lane)
            .map(|holding| change(&mut holding.place))
    }

    /// Begins anew in one lane, if it is held.
    pub(crate) fn start_over_in(&self, lane: Lane) {
        self.update(lane, |place| *place = Place::default());
    }

    /// Begins anew in every lane.
    pub(crate) fn start_over(&self) {
        self.held()
            .lanes
            .values_mut()
            .for_each(|holding| holding.place = Place::default());
    }

    /// Begins anew in every lane when it has been reaped: what was in hand may still be written, or not.
    pub(crate) fn reap_again(&self) {
        self.held()
            .lanes
            .values_mut()
            .for_each(|holding| *holding = Holding::new(holding.token, holding.since));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use mailroom_domain::Horizon;

    fn lane(number: u8) -> Lane {
        Lane::from_index(number)
    }

    #[test]
    fn a_heartbeat_tells_what_is_lost_and_what_was_won_unknown() {
        let (first, second) = (LaneToken::new([1; 16]), LaneToken::new([2; 16]));
        let holdings = Holdings::default();
        let (before, asked_at) = (Instant::now(), Instant::now() + Duration::from_secs(1));
        let tenure = Tenure {
            token: first,
            lanes: vec![lane(1), lane(2), lane(3)],
        };
        holdings.add(&tenure, before);
        assert_eq!(holdings.places((0..=9).map(lane)), [], "nothing is reaped yet");
        holdings.reaped(holdings.tenures());
        for number in 1..=3 {
            holdings.update(lane(number), |place| place.saw(7, Horizon::default()));
        }
        let held = vec![(lane(2), first), (lane(3), second), (lane(4), second)];
        assert_eq!(
            holdings.reconcile(&Pulse { held, workers: 2 }, asked_at),
            1,
            "lane 1 is lost"
        );
        let places = || holdings.places((0..=9).map(lane));
        assert_eq!(places(), [(lane(2), 7)], "a new tenure is reaped first");
        holdings.reaped([(lane(2), first), (lane(3), first), (lane(4), second)]);
        assert_eq!(
            places(),
            [(lane(2), 7), (lane(4), 0)],
            "reaping of an earlier tenure does not count"
        );
        holdings.start_over_in(lane(2));
        holdings.update(lane(4), |place| place.saw(9, Horizon::default()));
        assert_eq!(places(), [(lane(2), 0), (lane(4), 9)], "only one begins anew");
        assert_eq!(holdings.workers(), 2);
        // It was on its way when a lane was taken.
        let tenure = Tenure {
            token: second,
            lanes: vec![lane(5)],
        };
        holdings.add(&tenure, asked_at + Duration::from_millis(1));
        let held = vec![(lane(2), first), (lane(3), second), (lane(4), second)];
        assert_eq!(holdings.reconcile(&Pulse { held, workers: 2 }, asked_at), 0);
        assert_eq!(holdings.tenures().len(), 4);
    }
}
