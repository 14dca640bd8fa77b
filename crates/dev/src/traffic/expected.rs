//! What has to come of the recording: its conversations and its totals.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::TrafficError;

/// How many requests of which kind the recording has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Totals {
    /// All of them.
    pub(crate) requests: usize,
    /// Events told apart by channel and provider id.
    pub(crate) events: usize,
    /// Those of them that become messages.
    pub(crate) messages: usize,
    /// Events delivered beyond their first time.
    pub(crate) duplicates: usize,
    /// Requests that must be turned away.
    pub(crate) refused: usize,
}

/// A conversation that has to be there afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedConversation {
    /// `{channel}:{a}<->{b}`.
    pub(crate) key: String,
    /// The channel's name.
    pub(crate) channel: String,
    /// The participant first in byte order.
    pub(crate) participant_a: String,
    /// The other participant.
    pub(crate) participant_b: String,
    /// How many messages it has.
    pub(crate) message_count: usize,
    /// The largest message timestamp, to the microsecond; none where a message has the time of its recording.
    pub(crate) last_activity_at: Option<DateTime<Utc>>,
    /// Provider ids in the order of their first arrival.
    pub(crate) arrivals: Vec<String>,
}

/// All that has to come of the recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// The sums.
    pub(crate) totals: Totals,
    /// The conversations, by key.
    pub(crate) conversations: Vec<ExpectedConversation>,
}

impl Expected {
    /// What comes of the requests that are sent as they were recorded.
    pub(crate) fn plain() -> Result<Self, TrafficError> {
        serde_json::from_str(include_str!("../../traffic/expected.json")).map_err(TrafficError::Expected)
    }

    /// What comes of the requests that are signed anew.
    pub(crate) fn signed() -> Result<Self, TrafficError> {
        serde_json::from_str(include_str!("../../traffic/expected-providers.json"))
            .map_err(TrafficError::Expected)
    }

    /// Both together. They have no conversation in common.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.totals.requests += other.totals.requests;
        self.totals.events += other.totals.events;
        self.totals.messages += other.totals.messages;
        self.totals.duplicates += other.totals.duplicates;
        self.totals.refused += other.totals.refused;
        self.conversations.extend(other.conversations);
        self
    }
}
