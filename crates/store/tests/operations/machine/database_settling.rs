//! Settling in PostgreSQL.

use std::collections::HashMap;

use mailroom_domain::{ClaimToken, ConversationId, ErrorCode, EventId, Failure, SnippetLength};
use mailroom_store::event::{self, Effect};

use super::call::{Call, Outcome};
use super::database::{Database, hours, number_of_event, token_of};

impl Database {
    pub(super) async fn settling_call(&self, call: &Call) -> Outcome {
        let pool = &self.stage.pool;
        match *call {
            Call::Finish { token, ref events } => {
                let finished = self.finish(token_of(token), events).await;
                settled(&finished)
            }
            Call::Retry {
                token,
                ref events,
                hours: delay,
            } => {
                let set: Vec<_> = events
                    .iter()
                    .map(|event| (self.id(*event), hours(delay), failure(ErrorCode::Unavailable)))
                    .collect();
                settled(
                    &event::retry(&mut pool.acquire().await.unwrap(), token_of(token), &set)
                        .await
                        .unwrap(),
                )
            }
            Call::Bury { token, ref events } => {
                let set: Vec<_> = events
                    .iter()
                    .map(|event| (self.id(*event), failure(ErrorCode::Unreadable)))
                    .collect();
                settled(
                    &event::bury(&mut pool.acquire().await.unwrap(), token_of(token), &set)
                        .await
                        .unwrap(),
                )
            }
            Call::Release { token, ref events } => {
                let set: Vec<_> = events.iter().map(|event| self.id(*event)).collect();
                settled(
                    &event::release(&mut pool.acquire().await.unwrap(), token_of(token), &set)
                        .await
                        .unwrap(),
                )
            }
            ref other => panic!("{other:?} settles nothing"),
        }
    }

    fn id(&self, event: usize) -> EventId {
        self.claimed[&event].id
    }

    async fn finish(&self, token: ClaimToken, events: &[usize]) -> Vec<EventId> {
        let mut conversations: HashMap<&str, ConversationId> = HashMap::new();
        let mut set = Vec::new();
        for event in events {
            let event = &self.claimed[event];
            let mut finishing = self.stage.finishing(event, event.arrival);
            if let Effect::Message(message) = &mut finishing.effect {
                message.conversation = *conversations
                    .entry(event.conversation_key.as_str())
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
        .await;
        let outcome = outcome.unwrap();
        assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
        outcome.finished.iter().map(|finished| finished.event).collect()
    }
}

fn settled(events: &[EventId]) -> Outcome {
    Outcome::Settled(events.iter().map(|event| number_of_event(*event)).collect())
}

fn failure(code: ErrorCode) -> Failure {
    Failure {
        code,
        cause: "the test says so".to_owned(),
    }
}
