//! Who writes to whom in these tests, and what.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ClaimedEvent, ConversationKey, EventId, EventKind, Headers, IncomingMessage, Lane,
    MessageReference, MessageStatus, NewEvent, Payload, StatusChange,
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
            headers: Headers::new(),
            body_hash: [1; 32],
            quarantine: None,
            trace_context: None,
        }
    }
}

/// The message that was brought under this id, as its provider speaks of it.
pub(crate) fn named(id: &str) -> MessageReference {
    MessageReference::new("direct", id)
}

/// The event that tells how far the message brought under `id` got; `nth` tells those of one status apart.
pub(crate) fn told(stage: &Stage, id: &str, status: MessageStatus, nth: usize) -> NewEvent {
    let reference = named(id);
    let mut event = Talk::number(0).says(stage, &format!("{id}/{}/{nth}", status.as_str()));
    event.id = EventId::new(reference.lane(), stage.random());
    event.kind = EventKind::Status;
    event.conversation_key = reference.line();
    event.payload = Payload::new(format!(r#"{{"of":"{id}","status":"{}"}}"#, status.as_str()).as_bytes());
    event
}

/// What a claimed status event tells.
pub(crate) fn change(event: &ClaimedEvent, at: DateTime<Utc>) -> StatusChange {
    let told: serde_json::Value = serde_json::from_slice(event.payload.as_bytes()).unwrap();
    let status: MessageStatus = told["status"].as_str().unwrap().parse().unwrap();
    StatusChange {
        reference: named(told["of"].as_str().unwrap()),
        status,
        word: status.as_str().to_uppercase(),
        error: (status == MessageStatus::Failed).then(|| "30005".to_owned()),
        at,
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
        files: Vec::new(),
        email: None,
        reference: serde_json::from_slice::<serde_json::Value>(event.payload.as_bytes())
            .ok()
            .and_then(|payload| payload["body"].as_str().map(named)),
        timestamp,
    }
}
