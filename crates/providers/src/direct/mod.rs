//! Direct: the JSON of mailroom's own `/api/webhooks` routes, for senders that speak to it without a provider.

pub mod email;
mod field;
pub mod sms;

pub use field::Invalid;

use mailroom_domain::{ConversationKey, EventKind, Headers, IncomingMessage, Payload};

use crate::incoming::{Incoming, hash};

/// The provider's name in events and metrics.
pub const NAME: &str = "direct";

/// Names of fields that identity, order and conversations rest on.
pub const LOAD_BEARING: &[&str] = &[
    "from",
    "to",
    "type",
    "messaging_provider_id",
    "xillio_id",
    "timestamp",
];

/// A valid body: the message, and the sender's id for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Direct {
    /// The sender's id for the message.
    pub provider_message_id: String,
    /// The message.
    pub message: IncomingMessage,
}

impl Direct {
    /// What to write down of the bytes this was parsed from.
    pub fn incoming(self, received: &[u8]) -> Incoming {
        let message = self.message;
        Incoming {
            channel: message.channel,
            kind: EventKind::Message,
            conversation_key: ConversationKey::between(
                message.channel,
                &message.from_participant,
                &message.to_participant,
            ),
            sender: message.from,
            recipient: message.to,
            provider_message_id: self.provider_message_id,
            payload: Payload::new(received),
            headers: Headers::new(),
            body_hash: hash(received),
            quarantine: None,
        }
    }
}
