//! Workers that keep the rules of the house: what an operation comes to, and what they learn from it.
//!
//! The rules: of one conversation what came first is finished or buried first, and put aside or given back last, and
//! what stood before something put aside is not given back but put aside as well; a worker claims in a lane only when it has
//! reaped there since it took it, has heard of all its claims there since, and has nothing else of that lane in hand; it
//! looks again at what stood behind an event that it gave back or that was due, and at everything when it did not hear of a
//! claim.

use std::collections::BTreeSet;

use super::call::{Call, Outcome};
use super::member::{Holding, InHand, MEMBERS, Member};
use super::mutants::Mutant;
use super::operation::{Delivery, Operation};
use super::state::Machine;
use super::watch::Watch;

/// Workers at a queue, and all that happened.
#[derive(Debug)]
pub(super) struct Crew {
    pub(super) machine: Machine,
    pub(super) watch: Watch,
    pub(super) told: Vec<(Call, Outcome)>,
    /// How much had been told when the draining began, and what the machine was like.
    pub(super) before_the_drain: Option<(usize, Machine)>,
    pub(super) members: Vec<Member>,
    pub(super) in_hand: Vec<InHand>,
    numbers: u32,
}

impl Crew {
    pub(super) fn new(mutant: Option<Mutant>) -> Self {
        let mut crew = Self {
            machine: Machine::new(mutant),
            watch: Watch::default(),
            told: Vec::new(),
            before_the_drain: None,
            members: Vec::new(),
            in_hand: Vec::new(),
            numbers: 0,
        };
        for _ in 0..MEMBERS {
            let id = crew.number();
            crew.members.push(Member::new(id));
        }
        crew
    }

    /// A number for a worker, a tenure or a claim that no other has.
    pub(super) const fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    /// One statement, under the eyes of the watch.
    pub(super) fn call(&mut self, call: Call) -> Outcome {
        let before = self.machine.clone();
        let outcome = self.machine.apply(&call);
        self.watch.saw(&before, &call, &outcome, &self.machine);
        self.told.push((call, outcome.clone()));
        outcome
    }

    /// Whatever somebody still has in hand.
    pub(super) fn all_in_hand(&self) -> Vec<(u32, Vec<usize>)> {
        let open = |claim: &InHand| claim.open.iter().map(|(event, _)| *event).collect();
        self.in_hand
            .iter()
            .map(|claim| (claim.token, open(claim)))
            .collect()
    }

    pub(super) fn perform(&mut self, operation: &Operation) {
        match *operation {
            Operation::Record(ref deliveries) => self.record(deliveries),
            Operation::Wait { hours } => {
                self.call(Call::Wait { hours });
            }
            Operation::Heartbeat { member } => self.heartbeat(self.tending(member)),
            Operation::Take { member, most, reap } => self.take(member, most, reap),
            Operation::Reap { member } => self.reap(self.tending(member)),
            Operation::GiveBack { member, most } => self.give_back(self.tending(member), most),
            Operation::Leave { member } => {
                let worker = self.members[member].id;
                self.members[member].lanes.clear();
                self.call(Call::Leave { worker });
            }
            Operation::Die { member } => {
                let id = self.number();
                self.members[member] = Member::new(id);
            }
            Operation::Claim {
                member,
                depth,
                look_back,
                unheard,
            } => self.claim(self.tending(member), depth, look_back, unheard),
            Operation::ClaimDue {
                member,
                limit,
                unheard,
            } => self.claim_due(self.tending(member), limit, unheard),
            Operation::Settle { claim, how, some } => self.settle(claim, how, some),
            Operation::SettleAgain { claim, how } => self.settle_again(claim, how),
        }
    }

    /// A member that believes to hold a lane, if there is any: the others have little to do.
    fn tending(&self, nth: usize) -> usize {
        let tends = |at: &usize| !self.members[*at].lanes.is_empty();
        let tending: Vec<usize> = (0..MEMBERS).filter(tends).collect();
        tending.get(nth % tending.len().max(1)).copied().unwrap_or(nth)
    }

    fn record(&mut self, deliveries: &[Delivery]) {
        let mut known: Vec<usize> = self.machine.events.iter().map(|event| event.talk).collect();
        let mut said = Vec::new();
        for delivery in deliveries {
            match *delivery {
                Delivery::New(talk) => {
                    said.push((known.len(), talk));
                    known.push(talk);
                }
                Delivery::Again(back) => {
                    if let Some(number) = known.len().checked_sub(1 + back) {
                        said.push((number, known[number]));
                    }
                }
            }
        }
        if !said.is_empty() {
            self.call(Call::Record { said });
        }
    }

    fn heartbeat(&mut self, member: usize) {
        let worker = self.members[member].id;
        if let Outcome::Pulse { held, .. } = self.call(Call::Heartbeat { worker }) {
            self.members[member].reconcile(&held);
        }
    }

    fn take(&mut self, member: usize, most: usize, reap: bool) {
        let (worker, tenure) = (self.members[member].id, self.number());
        if let Outcome::Taken(lanes) = self.call(Call::Take { worker, tenure, most }) {
            for lane in lanes {
                self.members[member].lanes.insert(lane, Holding::new(tenure));
            }
        }
        if reap {
            self.reap(member);
        }
    }

    fn reap(&mut self, member: usize) {
        let worker = self.members[member].id;
        let own = |claim: &&InHand| claim.worker == worker && !claim.open.is_empty() && !claim.keeps_note;
        let outcome = self.call(Call::Reap {
            worker,
            lanes: self.members[member].lanes.keys().copied().collect(),
            in_flight: self.in_hand.iter().filter(own).map(|claim| claim.token).collect(),
        });
        if let Outcome::Reaped { lanes, .. } = outcome {
            for lane in lanes {
                if let Some(holding) = self.members[member].lanes.get_mut(&lane) {
                    holding.reaped = true;
                }
            }
        }
    }

    fn give_back(&mut self, member: usize, most: usize) {
        let member = &mut self.members[member];
        let lanes: Vec<usize> = member.lanes.keys().copied().take(most).collect();
        member.lanes.retain(|lane, _| !lanes.contains(lane));
        let worker = member.id;
        self.call(Call::GiveBack { worker, lanes });
    }

    fn claim(&mut self, at: usize, depth: u32, look_back: bool, unheard: bool) {
        let token = self.number();
        let member = &mut self.members[at];
        if look_back {
            member.start_over();
        }
        let worker = member.id;
        let free = self.free_lanes(at);
        let lanes = self.members[at].lanes.iter();
        let places = lanes
            .filter(|(lane, _)| free.contains(lane))
            .map(|(&lane, holding)| (lane, holding.after))
            .collect();
        let mut over = Vec::new();
        for claim in &mut self.in_hand {
            if claim.worker == worker && claim.open.is_empty() && !claim.keeps_note {
                claim.keeps_note = true;
                over.push(claim.token);
            }
        }
        let outcome = self.call(Call::Claim {
            worker,
            places,
            depth,
            token,
            over,
        });
        if unheard {
            self.unheard(at);
        } else if let Outcome::Claimed { events, reached } = outcome {
            for (lane, (up_to, _)) in reached {
                if let Some(holding) = self.members[at].lanes.get_mut(&lane) {
                    holding.after = holding.after.max(up_to);
                }
            }
            self.take_in_hand(worker, token, false, events);
        }
    }

    /// It does not know what became of a claim: it reaps, and looks at everything, before it claims again.
    fn unheard(&mut self, at: usize) {
        let member = &mut self.members[at];
        for holding in member.lanes.values_mut() {
            holding.reaped = false;
        }
        if self.machine.mutant != Some(Mutant::KeepsPlacesWhenUnheard) {
            member.start_over();
        }
    }

    /// Lanes in which it may claim.
    fn free_lanes(&self, at: usize) -> Vec<usize> {
        let member = &self.members[at];
        let own = self.in_hand.iter().filter(|claim| claim.worker == member.id);
        let busy: BTreeSet<usize> = own
            .flat_map(|claim| &claim.open)
            .map(|&(event, _)| self.machine.events[event].lane())
            .collect();
        let keeps_lanes_apart = self.machine.mutant != Some(Mutant::ClaimsWhereItWorks);
        let before_reaping = self.machine.mutant == Some(Mutant::ClaimsBeforeItReaps);
        let may_claim = |holding: &Holding| holding.reaped || before_reaping;
        let lanes = member.lanes.iter().filter(|(_, holding)| may_claim(holding));
        lanes
            .map(|(&lane, _)| lane)
            .filter(|lane| !(busy.contains(lane) && keeps_lanes_apart))
            .collect()
    }

    fn claim_due(&mut self, at: usize, limit: u32, unheard: bool) {
        let (worker, token) = (self.members[at].id, self.number());
        let lanes = self.free_lanes(at);
        let outcome = self.call(Call::ClaimDue {
            worker,
            lanes,
            limit,
            token,
        });
        if unheard {
            self.unheard(at);
        } else if let Outcome::Claimed { events, .. } = outcome {
            self.take_in_hand(worker, token, true, events);
        }
    }

    fn take_in_hand(&mut self, worker: u32, token: u32, due: bool, open: Vec<(usize, u32)>) {
        if !open.is_empty() {
            self.in_hand.push(InHand {
                token,
                worker,
                due,
                open,
                put_aside: BTreeSet::new(),
                over: Vec::new(),
                keeps_note: false,
            });
        }
    }
}
