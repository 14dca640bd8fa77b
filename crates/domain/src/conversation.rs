//! Conversations: who talks with whom on which channel.

use serde::{Deserialize, Serialize};

use crate::Channel;

/// `{channel}:{a}<->{b}` with the two normalised participants in lexical (byte) order, so that direction
/// does not matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConversationKey(String);

impl ConversationKey {
    /// The key of the conversation between two normalised participants.
    pub fn between(channel: Channel, one: &str, other: &str) -> Self {
        let (a, b) = in_order(one, other);
        Self(format!("{channel}:{a}<->{b}"))
    }

    /// A line of its own for something that belongs to no conversation, so that it holds up nobody.
    pub fn alone(provider: &str, endpoint: &str, id: &str) -> Self {
        Self(format!("{provider}:{endpoint}:{id}"))
    }

    /// Wraps a key that was read back.
    pub const fn from_stored(key: String) -> Self {
        Self(key)
    }

    /// The key as stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Two participants in the order in which a conversation names them.
pub(crate) fn in_order<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    if one <= other { (one, other) } else { (other, one) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direction_does_not_matter() {
        let there = ConversationKey::between(Channel::Sms, "+2", "+1");
        assert_eq!(there, ConversationKey::between(Channel::Sms, "+1", "+2"));
        assert_eq!(there.as_str(), "sms:+1<->+2");
        assert_ne!(there, ConversationKey::between(Channel::Mms, "+1", "+2"));
    }
}
