//! Events: what came in, as recorded and as claimed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{Channel, ClaimToken, ConversationKey, EventId, Lane, Payload, UnknownName};

/// What an event tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A message came in.
    Message,
    /// How far an earlier message got.
    Status,
    /// Something that makes no message and moves none: kept, and done.
    Notice,
    /// Verified, but not understood by this release: the whole request, kept until one that does.
    Quarantined,
}

impl EventKind {
    /// The name used in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Status => "status",
            Self::Notice => "notice",
            Self::Quarantined => "quarantined",
        }
    }
}

impl std::str::FromStr for EventKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "message" => Ok(Self::Message),
            "status" => Ok(Self::Status),
            "notice" => Ok(Self::Notice),
            "quarantined" => Ok(Self::Quarantined),
            _ => Err(UnknownName("event kind")),
        }
    }
}

/// Headers kept with an event: names in lower case.
pub type Headers = BTreeMap<String, String>;

/// An event to be recorded.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Its id, which carries its lane.
    pub id: EventId,
    /// How it came.
    pub channel: Channel,
    /// Who delivered it, e.g. `twilio`.
    pub provider: String,
    /// The channel configuration it came to.
    pub endpoint: String,
    /// What it tells of.
    pub kind: EventKind,
    /// The sender's address as sent; empty when it could not be read.
    pub sender: String,
    /// The recipient's address as sent; empty when it could not be read.
    pub recipient: String,
    /// Whose line it stands in.
    pub conversation_key: ConversationKey,
    /// The provider's id for it: with the channel, what makes it one and the same event.
    pub provider_message_id: String,
    /// What was received.
    pub payload: Payload,
    /// The request's headers that reading it needs; names in lower case.
    pub headers: Headers,
    /// SHA-256 of what makes it the same event when it is delivered again.
    pub body_hash: [u8; 32],
    /// Why it is recorded as a dead letter, for workers not to try in vain.
    pub quarantine: Option<Failure>,
    /// W3C traceparent of the request that brought it.
    pub trace_context: Option<String>,
}

/// An event in the hands of a worker.
#[derive(Debug, Clone)]
pub struct ClaimedEvent {
    /// Its id, which carries its lane.
    pub id: EventId,
    /// Its place in line.
    pub arrival: i64,
    /// What this claim must show when it settles the event.
    pub token: ClaimToken,
    /// How it came.
    pub channel: Channel,
    /// Who delivered it.
    pub provider: String,
    /// The channel configuration it came to.
    pub endpoint: String,
    /// What it tells of.
    pub kind: EventKind,
    /// Whose line it stands in.
    pub conversation_key: ConversationKey,
    /// What was received, redacted.
    pub payload: Payload,
    /// The request's headers that reading it needs; names in lower case.
    pub headers: Headers,
    /// How often it has been claimed, this time included.
    pub attempt: u32,
    /// When it was recorded, by the database's clock.
    pub created_at: DateTime<Utc>,
    /// W3C traceparent of the request that brought it.
    pub trace_context: Option<String>,
}

impl ClaimedEvent {
    /// The lane it stands in.
    pub fn lane(&self) -> Lane {
        self.id.lane()
    }
}

/// Why an event was not processed, in one word that operators filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The payload is not what its provider's format says.
    Unreadable,
    /// Of a kind that this release does not process.
    Unsupported,
    /// The database refused what it became.
    Refused,
    /// The database could not be reached or was too busy.
    Unavailable,
    /// Reading it panicked: a defect of ours.
    Panicked,
    /// Its worker vanished.
    Reaped,
}

impl ErrorCode {
    /// The name used in the database, in metrics and in logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Unsupported => "unsupported",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Panicked => "panicked",
            Self::Reaped => "reaped",
        }
    }

    /// Every code there is.
    pub const ALL: [Self; 6] = [
        Self::Unreadable,
        Self::Unsupported,
        Self::Refused,
        Self::Unavailable,
        Self::Panicked,
        Self::Reaped,
    ];

    /// Whether trying again can help. What cannot is buried at once.
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Unavailable | Self::Reaped)
    }
}

/// Why an attempt failed. The cause never holds what was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In one word.
    pub code: ErrorCode,
    /// In a sentence.
    pub cause: String,
}
