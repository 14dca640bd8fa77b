//! Who writes to whom in these tests, and what.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ClaimedEvent, ConversationKey, EventId, EventKind, IncomingMessage, Lane, NewEvent, Payload,
};

use crate::stage::Stage;

/// Two people and the conversation between them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Talk {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) key: ConversationKey,
}

impl Talk {
    /// The one with this number; each number is a conversation of its own.
    pub(crate) fn number(number: u32) -> Self {
        let (from, to) = (format!("+1555010{number:04}"), "+15550199999".to_owned());
        let key = ConversationKey::between(Channel::Sms, &from, &to);
        Self { from, to, key }
    }

    /// Conversations that share a lane.
    pub(crate) fn in_one_lane(count: usize) -> Vec<Self> {
        let lane = Self::number(0).lane();
        let talks = (0..).map(Self::number).filter(|talk| talk.lane() == lane);
        talks.take(count).collect()
    }

    pub(crate) fn lane(&self) -> Lane {
        Lane::of(&self.key)
    }

    /// The event that brings what the provider calls `id`.
    pub(crate) fn says(&self, stage: &Stage, id: &str) -> NewEvent {
        NewEvent {
            id: EventId::new(self.lane(), stage.random()),
            channel: Channel::Sms,
            provider: "direct".to_owned(),
            endpoint: "direct".to_owned(),
            kind: EventKind::Message,
            sender: self.from.clone(),
            recipient: self.to.clone(),
            conversation_key: self.key.clone(),
            provider_message_id: id.to_owned(),
            payload: Payload::new(format!(r#"{{"body":"{id}"}}"#).as_bytes()),
            body_hash: [1; 32],
            trace_context: None,
        }
    }
}

/// Events `0, 1, ...` of these conversations in turn.
pub(crate) fn in_turn(stage: &Stage, talks: &[Talk], count: usize) -> Vec<NewEvent> {
    let said = talks.iter().cycle().take(count).enumerate();
    said.map(|(n, talk)| talk.says(stage, &format!("in turn {n}")))
        .collect()
}

/// What a claimed event says.
pub(crate) fn content(event: &ClaimedEvent, timestamp: DateTime<Utc>) -> IncomingMessage {
    let (_, people) = event.conversation_key.as_str().split_once(':').unwrap();
    let (a, b) = people.split_once("<->").unwrap();
    IncomingMessage {
        channel: event.channel,
        from: b.to_owned(),
        to: a.to_owned(),
        from_participant: b.to_owned(),
        to_participant: a.to_owned(),
        body: format!("message {}", event.arrival),
        attachments: None,
        timestamp,
    }
}
