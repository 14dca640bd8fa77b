//! How simulated workers settle what they have in hand: in time, too late, and at the end of all.

use std::collections::{BTreeMap, HashMap};

use mailroom_domain::{
    ClaimToken, ClaimedEvent, ConversationId, ConversationKey, ErrorCode, Failure, Lane, SnippetLength,
};
use mailroom_store::event::{self, Effect};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::crew::{Crew, DELAYS, InHand};

impl Crew<'_> {
    /// The last statement of a dead worker arrives.
    pub(crate) async fn late_settlement(&mut self, chance: &mut StdRng) -> String {
        match self.late.pop() {
            Some(claim) => format!("too late? {}", self.settle_claim(&claim, chance).await),
            None => "nothing late".to_owned(),
        }
    }

    pub(crate) async fn settle(&mut self, at: usize, chance: &mut StdRng) -> String {
        let claim = self.members[at].claim.take().unwrap();
        let what = self.settle_claim(&claim, chance).await;
        for event in &claim.events {
            self.members[at].rewind(event.lane(), event.arrival);
        }
        what
    }

    /// Of each conversation finishes some; the next is tried later, or buried, or given back, and the rest given
    /// back.
    async fn settle_claim(&mut self, claim: &InHand, chance: &mut StdRng) -> String {
        let mut lines: BTreeMap<&ConversationKey, Vec<&ClaimedEvent>> = BTreeMap::new();
        for event in &claim.events {
            lines.entry(&event.conversation_key).or_default().push(event);
        }
        let (mut done, mut later, mut never, mut back) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for line in lines.values() {
            let (finished, rest) = line.split_at(chance.random_range(0..=line.len()));
            done.extend(finished.iter().copied().cloned());
            let Some((next, behind)) = rest.split_first() else {
                continue;
            };
            match chance.random_range(0..3) {
                0 => later.push((next.id, DELAYS[0], failure(ErrorCode::Unavailable))),
                1 => never.push((next.id, failure(ErrorCode::Unreadable))),
                _ => back.push(next.id),
            }
            back.extend(behind.iter().map(|event| event.id));
        }
        let (pool, token) = (&self.stage.pool, claim.token);
        let finished = self.finish(token, &done).await;
        let retried = event::retry(&mut pool.acquire().await.unwrap(), token, &later)
            .await
            .unwrap()
            .len();
        let released = event::release(&mut pool.acquire().await.unwrap(), token, &back)
            .await
            .unwrap()
            .len();
        let buried = event::bury(&mut pool.acquire().await.unwrap(), token, &never)
            .await
            .unwrap()
            .len();
        format!("finished {finished}, retried {retried}, buried {buried}, released {released}")
    }

    /// Finishes a set and notes what was applied.
    pub(crate) async fn finish(&mut self, token: ClaimToken, events: &[ClaimedEvent]) -> usize {
        let mut conversations: HashMap<&ConversationKey, ConversationId> = HashMap::new();
        let mut set = Vec::new();
        for event in events {
            let mut finishing = self.stage.finishing(event, event.arrival % 7);
            if let Effect::Message(message) = &mut finishing.effect {
                message.conversation = *conversations
                    .entry(&event.conversation_key)
                    .or_insert(message.conversation);
            }
            set.push(finishing);
        }
        let outcome = event::finish(
            &mut self.stage.connection().await,
            token,
            SnippetLength::default(),
            &set,
        )
        .await
        .unwrap();
        assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
        for event in events {
            if outcome.finished.iter().any(|finished| finished.event == event.id) {
                self.applied
                    .entry(event.conversation_key.clone())
                    .or_default()
                    .push(event.arrival);
            }
        }
        outcome.finished.len()
    }

    /// The last statements of all that died arrive.
    pub(crate) async fn settle_all_late(&mut self, chance: &mut StdRng) {
        while !self.late.is_empty() {
            self.late_settlement(chance).await;
        }
    }

    /// Everybody is gone; one new worker brings all to its end.
    pub(crate) async fn drain(&mut self, chance: &mut StdRng) {
        self.stage.all_leases_end().await;
        self.settle_all_late(chance).await;
        let worker = self.stage.owner().await;
        let lanes: Vec<_> = Lane::all().collect();
        event::reap(&self.stage.pool, worker, &lanes, &[], &DELAYS)
            .await
            .unwrap();
        let mut idle = false;
        while !idle {
            self.stage.all_fall_due().await;
            let (token, due) = self.stage.claim_due(worker, 99).await;
            self.finish(token, &due).await;
            let (token, waiting) = self.stage.claim(worker, 99).await;
            self.finish(token, &waiting).await;
            idle = due.is_empty() && waiting.is_empty();
        }
        // Whoever still holds a claim learns that it is lost.
        for at in 0..self.members.len() {
            if let Some(claim) = self.members[at].claim.take() {
                assert_eq!(
                    self.finish(claim.token, &claim.events).await,
                    0,
                    "a claim outlived its reaping"
                );
            }
        }
    }
}

fn failure(code: ErrorCode) -> Failure {
    Failure {
        code,
        cause: "the test says so".to_owned(),
    }
}
