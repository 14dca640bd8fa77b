//! What must be true after every step, whoever did it: told from what statements gave, not from how they work.

use std::collections::{BTreeMap, BTreeSet};

use mailroom_domain::ErrorCode;

use super::call::{Call, Outcome};
use super::claims::most_suspects;
use super::paths::{Path, Paths};
use super::state::{Event, Lease, MOST_ATTEMPTS, Machine, Noted};

/// What it saw so far, and the first thing that was wrong.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Who holds which event, by the answers that workers got.
    held: BTreeMap<usize, u32>,
    applied: BTreeSet<usize>,
    pub(super) paths: Paths,
    pub(super) wrong: Option<String>,
}

impl Watch {
    fn note(&mut self, path: Path, times: usize) {
        self.paths.note(path, u64::try_from(times).unwrap());
    }

    fn gone(&mut self, path: Path, was: bool) {
        self.note(path, usize::from(was));
    }

    fn must(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds && self.wrong.is_none() {
            self.wrong = Some(what());
        }
    }

    pub(super) fn saw(&mut self, before: &Machine, call: &Call, outcome: &Outcome, after: &Machine) {
        match (call, outcome) {
            (Call::Claim { worker, token, .. }, Outcome::Claimed { events, .. }) => {
                self.claimed(before, *worker, *token, events, after);
            }
            (
                Call::ClaimDue {
                    worker, token, limit, ..
                },
                Outcome::Claimed { events, .. },
            ) => {
                self.suspects_together(before, events, *limit);
                self.claimed(before, *worker, *token, events, after);
            }
            (
                Call::Finish { token, events }
                | Call::Retry { token, events, .. }
                | Call::Bury { token, events }
                | Call::Release { token, events },
                Outcome::Settled(settled),
            ) => {
                let lost = events.len() - settled.len();
                self.note(Path::ClaimLost, lost);
                self.settled(before, *token, settled, after);
                if let Call::Finish { .. } = call {
                    self.applied(settled, after);
                } else if let Call::Release { .. } = call {
                    let retries = settled
                        .iter()
                        .filter(|&&event| before.events[event].error.is_some());
                    self.note(Path::ReleasedRetry, retries.count());
                    self.note(Path::Released, settled.len());
                }
            }
            (
                Call::Reap {
                    worker, in_flight, ..
                },
                Outcome::Reaped { retried, buried, .. },
            ) => {
                self.paths.note(Path::Reaped, *retried);
                self.paths.note(Path::ReapedAndBuried, *buried);
                self.reaped(before, *worker, in_flight, after);
            }
            (Call::Record { .. }, Outcome::Recorded(recorded)) => {
                let again = recorded.iter().filter(|(_, is_new)| !is_new).count();
                self.note(Path::Duplicate, again);
            }
            (Call::Take { worker, .. }, Outcome::Taken(lanes)) => {
                for &lane in lanes {
                    let lease = before.lanes[lane];
                    self.gone(
                        Path::LaneTakenOver,
                        lease.is_some_and(|lease| lease.owner != *worker),
                    );
                    self.must(lease.is_none_or(|lease| lease.until <= after.now), || {
                        format!("lane {lane} was taken during its lease")
                    });
                }
            }
            _ => {}
        }
        self.agrees(after);
    }

    /// What is held, by all that was answered, is what is claimed; and no event was claimed too often.
    fn agrees(&mut self, after: &Machine) {
        for (number, event) in after.events.iter().enumerate() {
            let open = |noted: &&Noted| noted.events.contains(&number) && !event.status.is_final();
            let mut notes = after.claims.iter().filter(|(_, noted)| open(noted));
            let claimed = notes.next().map(|(token, _)| *token);
            self.must(notes.next().is_none(), || format!("{number} is in work twice"));
            let held = self.held.get(&number).copied();
            self.must(claimed == held, || {
                format!("{number} is held by {held:?} and claimed by {claimed:?}")
            });
            self.must(event.attempts <= MOST_ATTEMPTS, || {
                format!("{number} was claimed {} times", event.attempts)
            });
        }
    }

    fn claimed(
        &mut self,
        before: &Machine,
        worker: u32,
        token: u32,
        events: &[(usize, u32)],
        after: &Machine,
    ) {
        for &(number, attempts) in events {
            let event = &before.events[number];
            let holder = self.held.insert(number, token);
            self.must(holder.is_none(), || {
                format!("{number} is held twice, by {holder:?} and {token}")
            });
            self.must(!event.status.is_final(), || {
                format!("{number} was claimed when it was over")
            });
            let lease = before.lanes[event.lane()];
            let owned = lease.is_some_and(|lease| lease.owner == worker && lease.until > after.now);
            self.must(owned, || format!("{number} was claimed in a lane of others"));
            self.gone(Path::RetryClaimed, event.error.is_some());
            self.gone(Path::LastAttempt, attempts == MOST_ATTEMPTS);
        }
    }

    /// Suspects are claimed with their like only, and not more of them than their attempts allow.
    fn suspects_together(&mut self, before: &Machine, events: &[(usize, u32)], limit: u32) {
        let suspicion = |number: usize| {
            let event = &before.events[number];
            (event.error == Some(ErrorCode::Reaped)).then_some(event.attempts.min(3))
        };
        let Some(suspect) = events.iter().find_map(|&(number, _)| suspicion(number)) else {
            return;
        };
        let alike = events
            .iter()
            .all(|&(number, _)| suspicion(number) == Some(suspect));
        self.must(alike && events.len() <= most_suspects(limit, suspect), || {
            format!("a suspect was claimed with others: {events:?}")
        });
        self.gone(Path::SuspectAlone, events.len() == 1);
        self.gone(Path::SuspectsTogether, events.len() > 1);
    }

    fn settled(&mut self, before: &Machine, token: u32, settled: &BTreeSet<usize>, after: &Machine) {
        for (number, (was, is)) in before.events.iter().zip(&after.events).enumerate() {
            if settled.contains(&number) {
                let holder = self.held.remove(&number);
                self.must(holder == Some(token), || {
                    format!("{token} settled {number} without holding it")
                });
                let noted = before.claims.get(&token);
                let tends = |lease: Lease| noted.is_some_and(|noted| noted.worker == lease.owner);
                self.must(before.lanes[was.lane()].is_some_and(tends), || {
                    format!("{token} settled {number}, of which another tends the lane")
                });
            } else {
                self.must(was == is, || format!("settling by {token} changed {number}"));
            }
        }
    }

    /// Each effect once, and when all that stood before it in its conversation is over.
    fn applied(&mut self, finished: &BTreeSet<usize>, after: &Machine) {
        for &number in finished {
            self.gone(Path::Effect, true);
            let first = self.applied.insert(number);
            self.must(first, || format!("the effect of {number} was applied twice"));
            let Event { talk, .. } = after.events[number];
            // Numbers of events go with their arrivals.
            let line = |(_, other): &(usize, &Event)| other.talk == talk;
            for (other, event) in after.events.iter().enumerate().filter(line) {
                let is_before = other < number;
                self.must(!is_before || event.status.is_final(), || {
                    format!("{number} passed {other}, which is {}", event.status.as_str())
                });
                let came_before = self.applied.contains(&other) && !finished.contains(&other);
                self.must(is_before || other == number || !came_before, || {
                    format!("{other} passed {number}")
                });
            }
        }
        self.must(after.effects.len() == self.applied.len(), || {
            "effects and answers do not agree".to_owned()
        });
    }

    fn reaped(&mut self, before: &Machine, worker: u32, in_flight: &[u32], after: &Machine) {
        for (number, (was, is)) in before.events.iter().zip(&after.events).enumerate() {
            if was == is {
                continue;
            }
            self.must(!was.status.is_final(), || {
                format!("{number} was reaped when it was over")
            });
            self.held.remove(&number);
            let mut claims = before.claims.iter();
            let Some((token, noted)) = claims.find(|(_, noted)| noted.events.contains(&number)) else {
                self.must(false, || format!("{number} was reaped, and nobody held it"));
                continue;
            };
            let tends = |who| before.lanes[was.lane()].is_some_and(|l| l.owner == who && l.until > after.now);
            self.must(noted.worker == worker || !tends(noted.worker), || {
                format!("{number} was reaped from a worker that lives")
            });
            self.must(!in_flight.contains(token), || format!("{number} was in flight"));
        }
    }
}
