//! The machine's lanes: taken, renewed, given back.

use super::call::Outcome;
use super::state::{HOUR, LEASE_HOURS, Lease, Machine};

const MINUTE: i64 = HOUR / 60;

impl Machine {
    /// Renews whatever is still the worker's, even after its lease has ended: nobody else took it.
    pub(super) fn heartbeat(&mut self, worker: u32) -> Outcome {
        let (now, until) = (self.now, self.now + LEASE_HOURS * HOUR);
        self.workers
            .retain(|other, lease| *other == worker || *lease >= now - MINUTE);
        self.workers.insert(worker, until);
        let mut held = std::collections::BTreeMap::new();
        for (number, lane) in self.lanes.iter_mut().enumerate() {
            if let Some(lease) = lane.as_mut().filter(|lease| lease.owner == worker) {
                lease.until = until;
                held.insert(number, lease.tenure);
            }
        }
        Outcome::Pulse {
            held,
            workers: self.workers.values().filter(|lease| **lease > now).count(),
        }
    }

    pub(super) fn take(&mut self, worker: u32, tenure: u32, most: usize) -> Outcome {
        let now = self.now;
        let is_free = |lane: &Option<Lease>| lane.is_none_or(|lease| lease.until <= now);
        let free: Vec<_> = (0..self.lanes.len())
            .filter(|&lane| is_free(&self.lanes[lane]))
            .take(most)
            .collect();
        for &lane in &free {
            self.lanes[lane] = Some(Lease {
                owner: worker,
                tenure,
                until: now + LEASE_HOURS * HOUR,
            });
        }
        Outcome::Taken(free.into_iter().collect())
    }

    pub(super) fn give_back(&mut self, worker: u32, lanes: &[usize]) -> Outcome {
        for &lane in lanes {
            if self.lanes[lane].is_some_and(|lease| lease.owner == worker) {
                self.lanes[lane] = None;
            }
        }
        Outcome::Done
    }

    pub(super) fn leave(&mut self, worker: u32) -> Outcome {
        self.workers.remove(&worker);
        self.give_back(worker, &[0, 1, 2])
    }
}
