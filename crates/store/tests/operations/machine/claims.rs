//! The machine's claims: what is next in line, what is due, and what comes back from the dead.

use std::collections::BTreeMap;

use mailroom_domain::ErrorCode;

use super::call::Outcome;
use super::mutants::Mutant;
use super::state::{DELAY_HOURS, HOUR, Machine, Status};

/// How many events may be claimed together that were in hand when their worker vanished, after so many attempts.
pub(super) fn most_suspects(limit: u32, attempts: u32) -> usize {
    match attempts {
        1 | 2 => (limit >> (3 * attempts)).max(1) as usize,
        _ => 1,
    }
}

impl Machine {
    /// Whether something holds this event back, and if so, whether that is work in progress.
    fn held_by_work(&self, event: usize) -> Option<bool> {
        let Self { events, mutant, .. } = self;
        if *mutant == Some(Mutant::ClaimsOutOfLine) {
            return None;
        }
        let (talk, arrival) = (events[event].talk, events[event].arrival);
        events
            .iter()
            .filter(|other| other.talk == talk)
            .filter_map(|other| match other.status {
                Status::Processing { .. } => Some(true),
                Status::Error { .. } => (other.arrival < arrival).then_some(false),
                _ => None,
            })
            .max()
    }

    pub(super) fn claim(&mut self, worker: u32, places: &[(usize, i64)], depth: u32, token: u32) -> Outcome {
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
            let mut up_to = None;
            for &event in &waiting {
                match self.held_by_work(event) {
                    None => free.push(event),
                    Some(true) => up_to = up_to.or(Some(self.events[event].arrival - 1)),
                    Some(false) => {}
                }
            }
            if let Some(&last) = waiting.last() {
                let up_to = up_to.unwrap_or(self.events[last].arrival);
                reached.insert(lane, (up_to, i64::try_from(waiting.len()).unwrap()));
            }
        }
        self.hand_over(worker, token, free, reached)
    }

    pub(super) fn claim_due(&mut self, worker: u32, lanes: &[usize], limit: u32, token: u32) -> Outcome {
        let mut due: Vec<(i64, usize)> = (0..self.events.len())
            .filter_map(|number| match self.events[number] {
                event if !lanes.contains(&event.lane()) || !self.holds(worker, event.lane()) => None,
                event => match event.status {
                    Status::Error { due } if due <= self.now && self.held_by_work(number).is_none() => {
                        Some((due, number))
                    }
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
        self.hand_over(worker, token, free, BTreeMap::new())
    }

    fn hand_over(
        &mut self,
        worker: u32,
        token: u32,
        mut free: Vec<usize>,
        reached: BTreeMap<usize, (i64, i64)>,
    ) -> Outcome {
        free.sort_unstable();
        for &event in &free {
            let event = &mut self.events[event];
            event.status = Status::Processing { worker, token };
            event.attempts += 1;
        }
        Outcome::Claimed {
            events: free
                .into_iter()
                .map(|event| (event, self.events[event].attempts))
                .collect(),
            reached,
        }
    }

    pub(super) fn reap(&mut self, worker: u32, lanes: &[usize], in_flight: &[u32]) -> Outcome {
        let may_reap = |lane: usize| {
            lanes.contains(&lane)
                && (self.holds(worker, lane) || self.mutant == Some(Mutant::ReapsLanesOfOthers))
        };
        let is_stale = |event: usize| match self.events[event].status {
            _ if !may_reap(self.events[event].lane()) => false,
            Status::Processing { token, .. } => !in_flight.contains(&token),
            _ => self.seen_claimed.contains(&event),
        };
        let stale: Vec<usize> = (0..self.events.len()).filter(|&event| is_stale(event)).collect();
        let (mut retried, mut buried) = (0, 0);
        for event in stale {
            let event = &mut self.events[event];
            event.error = Some(ErrorCode::Reaped);
            let delay = DELAY_HOURS.get(event.attempts.max(1) as usize - 1);
            *if delay.is_some() {
                &mut retried
            } else {
                &mut buried
            } += 1;
            event.status = delay.map_or(Status::DeadLetter, |hours| Status::Error {
                due: self.now + hours * HOUR,
            });
        }
        Outcome::Reaped { retried, buried }
    }
}
