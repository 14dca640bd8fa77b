//! Delivery statuses: how far a message got, told in any order and more than once.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ConversationKey, Lane, UnknownName};

/// How far a message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageStatus {
    /// Not yet with the provider.
    Pending,
    /// With the provider.
    Sent,
    /// With its recipient. What reaches us is delivered.
    Delivered,
    /// Seen by its recipient.
    Read,
    /// It will not arrive.
    Failed,
}

impl MessageStatus {
    /// Every status there is.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Failed,
    ];

    /// The name used in the database and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }

    /// How much is known when both were told: the same in whatever order and however often. `pending` < `sent` <
    /// `delivered` < `read`; `failed` stands aside: it is known until something proves that the message did arrive.
    #[must_use]
    pub const fn merge(self, other: Self) -> Self {
        if self.weight() >= other.weight() {
            self
        } else {
            other
        }
    }

    const fn weight(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Sent => 1,
            Self::Failed => 2,
            Self::Delivered => 3,
            Self::Read => 4,
        }
    }
}

impl std::str::FromStr for MessageStatus {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or(UnknownName("message status"))
    }
}

/// The name by which a provider speaks of a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageReference {
    /// The provider.
    pub provider: String,
    /// Its id for the message.
    pub id: String,
}

impl MessageReference {
    /// A reference as a provider gives it.
    pub fn new(provider: &str, id: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            id: id.to_owned(),
        }
    }

    /// The line in which statuses of this message stand. Providers that tell a status do not tell the conversation,
    /// so it is a line of its own, the same for all of them.
    pub fn line(&self) -> ConversationKey {
        ConversationKey::alone(&self.provider, "status", &self.id)
    }

    /// The lane in which its statuses are kept.
    pub fn lane(&self) -> Lane {
        Lane::of(&self.line())
    }
}

/// What a status event tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// Of which message.
    pub reference: MessageReference,
    /// How far it got.
    pub status: MessageStatus,
    /// The provider's own word for it.
    pub word: String,
    /// The provider's error code, where it failed.
    pub error: Option<String>,
    /// When, by the provider's word.
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_status() -> impl Strategy<Value = MessageStatus> {
        proptest::sample::select(MessageStatus::ALL.to_vec())
    }

    fn merged(statuses: &[MessageStatus]) -> MessageStatus {
        statuses
            .iter()
            .copied()
            .fold(MessageStatus::Pending, MessageStatus::merge)
    }

    proptest! {
        #[test]
        fn any_order_and_any_repetition_end_in_one_state(
            (told, shuffled) in proptest::collection::vec(any_status(), 0..12)
                .prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle())),
            again in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
        ) {
            let mut doubled = shuffled;
            if !told.is_empty() {
                doubled.extend(again.iter().map(|index| told[index.index(told.len())]));
            }
            prop_assert_eq!(merged(&told), merged(&doubled));
        }

        #[test]
        fn merging_is_a_lattice(a in any_status(), b in any_status(), c in any_status()) {
            prop_assert_eq!(a.merge(b), b.merge(a));
            prop_assert_eq!(a.merge(b).merge(c), a.merge(b.merge(c)));
            prop_assert_eq!(a.merge(a), a);
        }
    }

    #[test]
    fn failed_stands_until_the_message_is_known_to_have_arrived() {
        use MessageStatus::{Delivered, Failed, Pending, Read, Sent};
        assert_eq!(merged(&[Pending, Failed, Sent]), Failed);
        assert_eq!(merged(&[Failed, Delivered]), Delivered);
        assert_eq!(merged(&[Read, Failed, Sent]), Read);
    }
}
