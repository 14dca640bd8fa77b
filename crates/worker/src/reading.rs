//! Reading a claim: each event becomes a message or a failure, whatever is in it.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use mailroom_domain::{
    ClaimedEvent, ConversationId, ConversationKey, ErrorCode, EventId, Failure, FileId, IncomingMessage,
    Lane, NewEvent,
};
use mailroom_providers::{Incoming, Reading};
use mailroom_store::event::{Effect, Finishing, FinishingMessage};
use rand::{RngExt, rngs::StdRng};

use crate::trace;

/// More files than this are not listed.
const MOST_FILES: usize = 1_000;

/// A claim, read.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// What is to be finished, in order.
    pub finishing: Vec<Finishing>,
    /// What is not, and never will be in this release.
    pub failures: Vec<(EventId, Failure)>,
    /// What earlier releases could not split and this one can: the event, and those that it holds.
    pub split: Vec<(EventId, Vec<NewEvent>)>,
}

/// Reads every event of a claim.
pub(crate) fn read(events: &[ClaimedEvent], randomness: &mut StdRng) -> Read {
    let mut reader = Reader {
        read: Read::default(),
        conversations: HashMap::new(),
        randomness,
    };
    for event in events {
        let _span = trace::processing(event).entered();
        // A panic is a defect of ours in one adapter; it must not take the other events with it.
        let reading =
            catch_unwind(AssertUnwindSafe(|| mailroom_providers::read(event))).unwrap_or_else(|_| {
                Err(Failure {
                    code: ErrorCode::Panicked,
                    cause: "reading it panicked; the log has the place".to_owned(),
                })
            });
        if let Err(failure) = reading.and_then(|reading| reader.take(event, reading)) {
            tracing::warn!(
                code = failure.code.as_str(),
                cause = failure.cause,
                "event cannot be processed"
            );
            reader.read.failures.push((event.id, failure));
        }
    }
    reader.read
}

struct Reader<'r> {
    read: Read,
    conversations: HashMap<ConversationKey, ConversationId>,
    randomness: &'r mut StdRng,
}

impl Reader<'_> {
    fn take(&mut self, event: &ClaimedEvent, reading: Reading) -> Result<(), Failure> {
        let effect = match reading {
            Reading::Message(content) => Effect::Message(Box::new(self.message(event, content)?)),
            Reading::Status(change) if change.reference.lane() == event.lane() => Effect::Status(change),
            Reading::Status(_) => return Err(strayed()),
            Reading::Notice => Effect::Nothing,
            Reading::Events(events) => {
                let events = events
                    .into_iter()
                    .map(|incoming| self.event(event, incoming))
                    .collect();
                self.read.split.push((event.id, events));
                Effect::Nothing
            }
        };
        self.read.finishing.push(Finishing {
            event: event.id,
            effect,
        });
        Ok(())
    }

    fn message(
        &mut self,
        event: &ClaimedEvent,
        mut content: IncomingMessage,
    ) -> Result<FinishingMessage, Failure> {
        let (a, b) = content.participants();
        let key = ConversationKey::between(content.channel, a, b);
        let lane = event.lane();
        // The line an event stands in was decided when it was recorded; a release that reads it otherwise must not
        // let it leave its lane.
        if Lane::of(&key) != lane {
            return Err(strayed());
        }
        let conversation = *self
            .conversations
            .entry(key.clone())
            .or_insert_with(|| ConversationId::new(lane, self.randomness.random()));
        // Nobody sends as many; who does must not make a message that cannot be written.
        content.files.truncate(MOST_FILES);
        Ok(FinishingMessage {
            conversation,
            key,
            files: content
                .files
                .iter()
                .map(|_| FileId::new(lane, self.randomness.random()))
                .collect(),
            content,
        })
    }

    fn event(&mut self, quarantined: &ClaimedEvent, incoming: Incoming) -> NewEvent {
        let lane = Lane::of(&incoming.conversation_key);
        let id = EventId::at(lane, quarantined.created_at, self.randomness.random());
        incoming.into_event(
            id,
            &quarantined.provider,
            &quarantined.endpoint,
            quarantined.trace_context.clone(),
        )
    }
}

fn strayed() -> Failure {
    Failure {
        code: ErrorCode::Unreadable,
        cause: "it reads as belonging to another conversation than it was recorded for".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailroom_domain::{Channel, ClaimToken, EventKind, Payload};
    use rand::SeedableRng;

    fn event(body: &str, key: &ConversationKey) -> ClaimedEvent {
        ClaimedEvent {
            id: EventId::new(Lane::of(key), [3; 16]),
            arrival: 1,
            token: ClaimToken::new([1; 16]),
            channel: Channel::Sms,
            provider: "direct".to_owned(),
            endpoint: "sms".to_owned(),
            headers: mailroom_domain::Headers::new(),
            kind: EventKind::Message,
            conversation_key: key.clone(),
            payload: Payload::new(body.as_bytes()),
            attempt: 1,
            created_at: chrono::DateTime::UNIX_EPOCH,
            trace_context: None,
        }
    }

    const SMS: &str = r#"{"from":"+15550100101","to":"+15550100102","type":"sms","messaging_provider_id":"1","body":"x","timestamp":"2024-11-01T14:00:00Z"}"#;

    #[test]
    fn messages_of_one_conversation_share_its_proposed_id() {
        let key = ConversationKey::between(Channel::Sms, "+15550100101", "+15550100102");
        let read = read(
            &[event(SMS, &key), event(SMS, &key), event("{", &key)],
            &mut StdRng::seed_from_u64(1),
        );
        let [Effect::Message(one), Effect::Message(other)] = [0, 1].map(|n| read.finishing[n].effect.clone())
        else {
            panic!("two messages");
        };
        assert_eq!((read.finishing.len(), read.failures.len()), (2, 1));
        assert_eq!(one.conversation, other.conversation);
    }

    #[test]
    fn an_event_never_leaves_its_lane() {
        let other = ConversationKey::between(Channel::Sms, "+1", "+2");
        let read = read(&[event(SMS, &other)], &mut StdRng::seed_from_u64(1));
        assert_eq!(read.failures[0].1, strayed());
    }
}
