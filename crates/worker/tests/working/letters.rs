//! What people write in these tests.

use mailroom_domain::{ConversationKey, EventId, EventKind, Lane, NewEvent};
use mailroom_providers::direct;
use rand::RngExt;
use rand::rngs::StdRng;

/// An SMS of a conversation, as a gateway would record it.
pub(crate) fn letter(chance: &mut StdRng, conversation: usize, number: usize, body: &str) -> NewEvent {
    let received = serde_json::json!({
        "from": format!("+1555010{conversation:04}"), "to": "+15550199999", "type": "sms",
        "messaging_provider_id": format!("{conversation}-{number}"), "body": body,
        "timestamp": "2024-11-01T14:00:00Z",
    })
    .to_string();
    let read = direct::sms::parse(received.as_bytes())
        .unwrap()
        .incoming(received.as_bytes());
    let id = EventId::new(Lane::of(&read.conversation_key), chance.random());
    read.into_event(id, direct::NAME, direct::NAME, None)
}

/// `count` letters, of these conversations in turn.
pub(crate) fn letters(chance: &mut StdRng, conversations: usize, count: usize) -> Vec<NewEvent> {
    (0..count)
        .map(|number| letter(chance, number % conversations, number, "hello"))
        .collect()
}

/// A delivery status, in a line of its own.
pub(crate) fn status(chance: &mut StdRng, number: usize) -> NewEvent {
    let mut event = letter(chance, 0, number, "status");
    event.kind = EventKind::Status;
    event.conversation_key = ConversationKey::alone("direct", "direct", &event.provider_message_id);
    event.id = EventId::new(Lane::of(&event.conversation_key), chance.random());
    event
}
