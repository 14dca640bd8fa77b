//! The machine's claims: what is next in line, what is due, and what comes back from the dead.

use std::collections::{BTreeMap, BTreeSet};

use mailroom_domain::ErrorCode;

use super::call::Outcome;
use super::mutants::Mutant;
use super::state::{DELAY_HOURS, HOUR, Machine, Noted, Status};

/// How many events may be claimed together that were in hand when their worker vanished, after so many attempts.
pub(super) fn most_suspects(limit: u32, attempts: u32) -> usize {
    match attempts {
        1 | 2 => (limit >> (3 * attempts)).max(1) as usize,
        _ => 1,
    }
}

impl Machine {
    /// Whether an earlier one of its conversation waits for its retry.
    fn is_held(&self, event: usize) -> bool {
        let Self { events, mutant, .. } = self;
        let (talk, arrival) = (events[event].talk, events[event].arrival);
        *mutant != Some(Mutant::ClaimsOutOfLine)
            && events.iter().any(|other| {
                other.talk == talk && other.arrival < arrival && matches!(other.status, Status::Error { .. })
            })
    }

    pub(super) fn claim(
        &mut self,
        worker: u32,
        places: &[(usize, i64)],
        depth: u32,
        token: u32,
        over: &[u32],
    ) -> Outcome {
        let mut reached = BTreeMap::new();
        let mut free = Vec::new();
        for &(lane, after) in places {
            if !self.holds(worker, lane) {
                continue;
            }
            // Numbers of events go with their arrivals.
            let waiting: Vec<usize> = (0..self.events.len())
                .filter(|&event| {
                    let event = &self.events[event];
                    event.lane() == lane && event.status == Status::Received && event.arrival > after
                })
                .take(depth as usize)
                .collect();
            free.extend(waiting.iter().filter(|&&event| !self.is_held(event)));
            if let Some(&last) = waiting.last() {
                let up_to = self.events[last].arrival;
                reached.insert(lane, (up_to, i64::try_from(waiting.len()).unwrap()));
            }
        }
        self.claims.retain(|token, _| !over.contains(token));
        self.note(worker, token, free, reached)
    }

    pub(super) fn claim_due(&mut self, worker: u32, lanes: &[usize], limit: u32, token: u32) -> Outcome {
        let mut due: Vec<(i64, usize)> = (0..self.events.len())
            .filter_map(|number| match self.events[number] {
                event if !lanes.contains(&event.lane()) || !self.holds(worker, event.lane()) => None,
                event => match event.status {
                    Status::Error { due } if due <= self.now && !self.is_held(number) => Some((due, number)),
                    _ => None,
                },
            })
            .collect();
        due.sort_unstable();
        due.truncate(limit as usize);
        let suspicion = |event: usize| match &self.events[event] {
            event
                if event.error == Some(ErrorCode::Reaped) && self.mutant != Some(Mutant::TrustsSuspects) =>
            {
                event.attempts.min(3)
            }
            _ => 0,
        };
        // Suspects go with their like, fewer with each attempt, when one of them is the longest due; otherwise not yet.
        let first = due.first().map_or(0, |&(_, first)| suspicion(first));
        let free = due
            .into_iter()
            .map(|(_, event)| event)
            .filter(|&event| suspicion(event) == first)
            .take(if first == 0 {
                usize::MAX
            } else {
                most_suspects(limit, first)
            })
            .collect();
        self.note(worker, token, free, BTreeMap::new())
    }

    fn note(
        &mut self,
        worker: u32,
        token: u32,
        mut free: Vec<usize>,
        reached: BTreeMap<usize, (i64, i64)>,
    ) -> Outcome {
        free.sort_unstable();
        if !free.is_empty() {
            let lanes = free.iter().map(|&event| self.events[event].lane()).collect();
            let events = free.iter().copied().collect();
            self.claims.insert(
                token,
                Noted {
                    worker,
                    lanes,
                    events,
                },
            );
        }
        Outcome::Claimed {
            events: free
                .into_iter()
                .map(|event| (event, self.events[event].attempts + 1))
                .collect(),
            reached,
        }
    }

    pub(super) fn reap(&mut self, worker: u32, lanes: &[usize], in_flight: &[u32]) -> Outcome {
        let any_lane = self.mutant == Some(Mutant::ReapsLanesOfOthers);
        let may_reap: BTreeSet<usize> = lanes
            .iter()
            .copied()
            .filter(|&lane| self.holds(worker, lane) || any_lane)
            .collect();
        let mut stale = BTreeSet::new();
        for (_, noted) in self
            .claims
            .iter_mut()
            .filter(|(token, _)| !in_flight.contains(token))
        {
            noted.lanes.retain(|lane| !may_reap.contains(lane));
            let (kept, gone) = noted
                .events
                .iter()
                .partition(|&&event| !may_reap.contains(&self.events[event].lane()));
            noted.events = kept;
            stale.extend::<BTreeSet<usize>>(gone);
        }
        self.claims.retain(|_, noted| !noted.lanes.is_empty());
        let without_looking = self.mutant == Some(Mutant::ReapsWithoutLooking);
        let (mut retried, mut buried) = (0, 0);
        for event in stale {
            let event = &mut self.events[event];
            if event.status.is_final() && !without_looking {
                continue;
            }
            event.error = Some(ErrorCode::Reaped);
            event.attempts += 1;
            let delay = DELAY_HOURS.get(event.attempts as usize - 1);
            *if delay.is_some() {
                &mut retried
            } else {
                &mut buried
            } += 1;
            event.status = delay.map_or(Status::DeadLetter, |hours| Status::Error {
                due: self.now + hours * HOUR,
            });
        }
        Outcome::Reaped {
            retried,
            buried,
            lanes: may_reap,
        }
    }
}
