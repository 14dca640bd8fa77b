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
    /// Events told apart by channel and provider id: as many messages have to come of it.
    pub(crate) events: usize,
    /// Accepted requests beyond an event's first.
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
    /// `sms`, `mms` or `email`.
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
    /// Reads what is kept beside the recording.
    pub(crate) fn load() -> Result<Self, TrafficError> {
        serde_json::from_str(include_str!("../../traffic/expected.json")).map_err(TrafficError::Expected)
    }
}
