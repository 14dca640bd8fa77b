//! The machine's settling: finish, retry, bury and release what still carries the token.

use std::collections::BTreeSet;

use mailroom_domain::ErrorCode;

use super::call::Outcome;
use super::mutants::Mutant;
use super::state::{Event, HOUR, Machine, Status};

impl Machine {
    fn settle(&mut self, token: u32, events: &[usize], mut end: impl FnMut(&mut Event)) -> BTreeSet<usize> {
        let any_token = self.mutant == Some(Mutant::SettlesWithoutToken);
        let mut settled = BTreeSet::new();
        for &number in events {
            let event = &mut self.events[number];
            match event.status {
                Status::Processing { token: of, .. } if of == token || any_token => {
                    end(event);
                    settled.insert(number);
                }
                _ => {}
            }
        }
        settled
    }

    pub(super) fn finish(&mut self, token: u32, events: &[usize]) -> Outcome {
        let finished = self.settle(token, events, |event| {
            event.status = Status::Processed;
            event.error = None;
        });
        self.effects.extend(&finished);
        Outcome::Settled(finished)
    }

    pub(super) fn retry(&mut self, token: u32, events: &[usize], hours: i64) -> Outcome {
        let due = self.now + hours * HOUR;
        Outcome::Settled(self.settle(token, events, |event| {
            event.status = Status::Error { due };
            event.error = Some(ErrorCode::Unavailable);
        }))
    }

    pub(super) fn bury(&mut self, token: u32, events: &[usize]) -> Outcome {
        Outcome::Settled(self.settle(token, events, |event| {
            event.status = Status::DeadLetter;
            event.error = Some(ErrorCode::Unreadable);
        }))
    }

    pub(super) fn release(&mut self, token: u32, events: &[usize]) -> Outcome {
        let now = self.now;
        Outcome::Settled(self.settle(token, events, |event| {
            if event.error.is_none() {
                event.status = Status::Received;
                event.attempts -= 1;
            } else {
                event.status = Status::Error { due: now };
                event.attempts = (event.attempts - 1).max(1);
            }
        }))
    }
}
