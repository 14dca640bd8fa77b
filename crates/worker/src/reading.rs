//! Reading a claim: each event becomes a message or a failure, whatever is in it.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use mailroom_domain::{
    ClaimedEvent, ConversationId, ConversationKey, ErrorCode, EventId, Failure, Lane, MessageId,
};
use mailroom_store::event::Finishing;
use rand::{RngExt, rngs::StdRng};

use crate::trace;

/// A claim, read.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// What became messages, in order.
    pub messages: Vec<Finishing>,
    /// What did not, and never will in this release.
    pub failures: Vec<(EventId, Failure)>,
}

/// Reads every event of a claim.
pub(crate) fn read(events: &[ClaimedEvent], randomness: &mut StdRng) -> Read {
    let mut read = Read::default();
    let mut conversations: HashMap<ConversationKey, ConversationId> = HashMap::new();
    for event in events {
        let _span = trace::processing(event).entered();
        // A panic is a defect of ours in one adapter; it must not take the other events with it.
        let message =
            catch_unwind(AssertUnwindSafe(|| mailroom_providers::read(event))).unwrap_or_else(|_| {
                Err(Failure {
                    code: ErrorCode::Panicked,
                    cause: "reading it panicked; the log has the place".to_owned(),
                })
            });
        match message {
            Ok(content) => {
                let (a, b) = content.participants();
                let key = ConversationKey::between(content.channel, a, b);
                // The line an event stands in was decided when it was recorded; a release that reads it otherwise
                // must not let it leave its lane.
                if Lane::of(&key) != event.lane() {
                    read.failures.push((event.id, strayed()));
                    continue;
                }
                let lane = event.lane();
                let conversation = *conversations
                    .entry(key.clone())
                    .or_insert_with(|| ConversationId::new(lane, randomness.random()));
                read.messages.push(Finishing {
                    event: event.id,
                    message: MessageId::new(lane, randomness.random()),
                    conversation,
                    key,
                    content,
                });
            }
            Err(failure) => {
                tracing::warn!(
                    code = failure.code.as_str(),
                    cause = failure.cause,
                    "event cannot be processed"
                );
                read.failures.push((event.id, failure));
            }
        }
    }
    read
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
        assert_eq!((read.messages.len(), read.failures.len()), (2, 1));
        assert_eq!(read.messages[0].conversation, read.messages[1].conversation);
        assert_ne!(read.messages[0].message, read.messages[1].message);
    }

    #[test]
    fn an_event_never_leaves_its_lane() {
        let other = ConversationKey::between(Channel::Sms, "+1", "+2");
        let read = read(&[event(SMS, &other)], &mut StdRng::seed_from_u64(1));
        assert_eq!(read.failures[0].1, strayed());
    }
}
