//! The end of a history: everybody is gone, and one new worker brings all to its end.

use super::call::{Call, Outcome};
use super::crew::Crew;
use super::state::{DELAY_HOURS, LANES, LEASE_HOURS};

impl Crew {
    /// Tells what is left undone.
    pub(super) fn drain(&mut self) -> Result<(), String> {
        self.before_the_drain = Some((self.told.len(), self.machine.clone()));
        let (worker, tenure) = (self.number(), self.number());
        self.call(Call::Wait { hours: LEASE_HOURS });
        self.call(Call::Take {
            worker,
            tenure,
            most: LANES,
        });
        self.call(Call::Reap {
            worker,
            lanes: (0..LANES).collect(),
            in_flight: Vec::new(),
        });
        // Whoever still had something in hand learns that it is lost.
        for (token, events) in self.all_in_hand() {
            if !events.is_empty() && !self.finish(token, events).is_empty() {
                return Err(format!("{token} outlived its reaping"));
            }
        }
        let mut rounds = self.machine.events.len() + 1;
        while !self.machine.events.iter().all(|event| event.status.is_final()) {
            rounds = rounds.checked_sub(1).ok_or("something is stuck")?;
            self.call(Call::Wait {
                hours: DELAY_HOURS[1],
            });
            self.call(Call::Heartbeat { worker });
            while self.finish_due(worker) {}
            while self.finish_waiting(worker) {}
        }
        Ok(())
    }

    fn finish_due(&mut self, worker: u32) -> bool {
        let token = self.number();
        let outcome = self.call(Call::ClaimDue {
            worker,
            lanes: (0..LANES).collect(),
            limit: 99,
            token,
        });
        self.finish_claimed(token, outcome)
    }

    fn finish_waiting(&mut self, worker: u32) -> bool {
        let token = self.number();
        let outcome = self.call(Call::Claim {
            worker,
            places: (0..LANES).map(|lane| (lane, 0)).collect(),
            depth: 99,
            token,
            over: Vec::new(),
        });
        self.finish_claimed(token, outcome)
    }

    fn finish_claimed(&mut self, token: u32, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Claimed { events, .. } if !events.is_empty() => {
                self.finish(token, events.into_iter().map(|(event, _)| event).collect());
                true
            }
            _ => false,
        }
    }

    fn finish(&mut self, token: u32, events: Vec<usize>) -> Vec<usize> {
        match self.call(Call::Finish { token, events }) {
            Outcome::Settled(settled) => settled.into_iter().collect(),
            _ => Vec::new(),
        }
    }
}
