//! The machine's settling: finish, retry, bury and release what still carries the token.

use std::collections::BTreeSet;

use mailroom_domain::ErrorCode;

use super::call::Outcome;
use super::mutants::Mutant;
use super::state::{Event, HOUR, Machine, Status};

impl Machine {
    /// Ends what of these events the token holds, in lanes that are still its worker's.
    fn settle(&mut self, token: u32, events: &[usize], mut end: impl FnMut(&mut Event)) -> BTreeSet<usize> {
        let mut settled = BTreeSet::new();
        for &number in events {
            let lane = self.events[number].lane();
            let is_held = self.claims.get(&token).is_some_and(|noted| {
                noted.events.contains(&number)
                    && (self.lanes[lane].is_some_and(|lease| lease.owner == noted.worker)
                        || self.mutant == Some(Mutant::SettlesInLanesOfOthers))
            });
            let any_token = self.mutant == Some(Mutant::SettlesWithoutToken);
            let event = &mut self.events[number];
            if (is_held || any_token) && !event.status.is_final() {
                end(event);
                settled.insert(number);
            }
        }
        settled
    }

    /// As [`Self::settle`], for what may be claimed again.
    fn put(&mut self, token: u32, events: &[usize], end: impl FnMut(&mut Event)) -> Outcome {
        let settled = self.settle(token, events, end);
        if let Some(noted) = self.claims.get_mut(&token) {
            noted.events.retain(|event| !settled.contains(event));
        }
        Outcome::Settled(settled)
    }

    pub(super) fn finish(&mut self, token: u32, events: &[usize]) -> Outcome {
        let finished = self.settle(token, events, |event| {
            event.status = Status::Processed;
            event.attempts += 1;
            event.error = None;
        });
        self.effects.extend(&finished);
        Outcome::Settled(finished)
    }

    pub(super) fn retry(&mut self, token: u32, events: &[usize], hours: i64) -> Outcome {
        let due = self.now + hours * HOUR;
        self.put(token, events, |event| {
            event.status = Status::Error { due };
            event.attempts += 1;
            event.error = Some(ErrorCode::Unavailable);
        })
    }

    pub(super) fn bury(&mut self, token: u32, events: &[usize]) -> Outcome {
        self.put(token, events, |event| {
            event.status = Status::DeadLetter;
            event.attempts += 1;
            event.error = Some(ErrorCode::Unreadable);
        })
    }

    pub(super) fn release(&mut self, token: u32, events: &[usize]) -> Outcome {
        self.put(token, events, |_| {})
    }
}
