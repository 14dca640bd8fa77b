//! What a request turned out to hold, before it is given an id and written down.

use mailroom_domain::{Channel, ConversationKey, EventKind, Payload};
use sha2::{Digest, Sha256};

/// One event found in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// How it came.
    pub channel: Channel,
    /// What it tells of.
    pub kind: EventKind,
    /// The sender's address as sent; empty when it could not be read.
    pub sender: String,
    /// The recipient's address as sent; empty when it could not be read.
    pub recipient: String,
    /// Whose line it stands in.
    pub conversation_key: ConversationKey,
    /// The provider's id for it.
    pub provider_message_id: String,
    /// What to keep of the request.
    pub payload: Payload,
    /// SHA-256 of the received bytes.
    pub body_hash: [u8; 32],
}

/// SHA-256 of received bytes.
pub(crate) fn hash(received: &[u8]) -> [u8; 32] {
    Sha256::digest(received).into()
}

/// The same as lower-case hex, for what has no id of its own.
pub(crate) fn hex(hash: [u8; 32]) -> String {
    hash.iter().fold(String::with_capacity(64), |mut hex, byte| {
        for digit in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
        hex
    })
}
