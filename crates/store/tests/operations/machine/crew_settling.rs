//! How workers settle what they have in hand: by the rules, and once more when it is over.

use super::call::{Call, Outcome};
use super::crew::Crew;
use super::mutants::Mutant;
use super::operation::Settling;
use super::state::MOST_ATTEMPTS;

impl Crew {
    pub(super) fn settle(&mut self, claim: usize, how: Settling, some: usize) {
        let mut open = self.in_hand.iter_mut().rev();
        let Some(claim) = open.by_ref().filter(|claim| !claim.open.is_empty()).nth(claim) else {
            return;
        };
        let count = 1 + some % claim.open.len();
        let chosen: Vec<(usize, u32)> = match how {
            Settling::Finish | Settling::Bury => claim.open.drain(..count).collect(),
            Settling::Retry { .. } | Settling::Release => {
                claim.open.drain(claim.open.len() - count..).collect()
            }
        };
        claim.over.extend(chosen.iter().map(|(event, _)| *event));
        let (token, worker, due) = (claim.token, claim.worker, claim.due);
        let talk_of = |event: usize| self.machine.events[event].talk;
        let mut groups = [Vec::new(), Vec::new(), Vec::new()];
        let [spent, later, others] = &mut groups;
        for &(event, attempts) in &chosen {
            let aside = claim.put_aside.contains(&talk_of(event));
            match how {
                Settling::Release if aside => later.push(event),
                Settling::Retry { .. } if attempts >= MOST_ATTEMPTS => spent.push(event),
                Settling::Retry { .. } => later.push(event),
                _ => others.push(event),
            }
        }
        claim.put_aside.extend(later.iter().map(|&event| talk_of(event)));
        let hours = match how {
            Settling::Retry { hours } => hours,
            _ => 0,
        };
        let [spent, later, others] = groups;
        let settled = [
            self.give(token, Settling::Bury, spent),
            self.give(token, Settling::Retry { hours }, later),
            self.give(token, how, others),
        ];
        if settled.contains(&false)
            && self.machine.mutant != Some(Mutant::ForgetsWhatItLost)
            && let Some(claim) = self.in_hand.iter_mut().find(|claim| claim.token == token)
        {
            claim.keeps_note = true;
        }
        let released = matches!(how, Settling::Release);
        for (event, _) in chosen {
            let event = self.machine.events[event];
            for member in &mut self.members {
                if member.id == worker && (due || released) {
                    member.rewind(event.lane(), event.arrival);
                }
            }
        }
    }

    pub(super) fn settle_again(&mut self, claim: usize, how: Settling) {
        let mut over = self.in_hand.iter().rev().filter(|claim| !claim.over.is_empty());
        if let Some(claim) = over.nth(claim) {
            let (token, events) = (claim.token, claim.over.clone());
            self.give(token, how, events);
        }
    }

    /// Whether all of them were still the token's.
    fn give(&mut self, token: u32, how: Settling, events: Vec<usize>) -> bool {
        let given = events.len();
        if given == 0 {
            return true;
        }
        let outcome = self.call(match how {
            Settling::Finish => Call::Finish { token, events },
            Settling::Retry { hours } => Call::Retry { token, events, hours },
            Settling::Bury => Call::Bury { token, events },
            Settling::Release => Call::Release { token, events },
        });
        matches!(outcome, Outcome::Settled(settled) if settled.len() == given)
    }
}
