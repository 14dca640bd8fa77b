//! What the check found, for a table, for a machine, and for the exit code.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::play::Mismatch;

/// One thing that is wrong in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub(crate) enum Problem {
    /// A message is not there.
    Missing {
        /// The provider's id.
        message: String,
    },
    /// A message is there more than once.
    Doubled {
        /// The provider's id.
        message: String,
        /// How often it is there.
        times: usize,
    },
    /// Messages that nobody sent, or that were altered.
    Unexpected {
        /// How many.
        messages: usize,
    },
    /// A message stands behind one that it should precede.
    OutOfOrder {
        /// The provider's id.
        message: String,
    },
    /// A message got further, or not as far, as was told of it.
    WrongStatus {
        /// The provider's id.
        message: String,
        /// As told.
        expected: String,
        /// As the message says.
        says: String,
    },
    /// The channel or the participants differ from the key.
    WrongParticipants,
    /// The conversation's count is not the number of its messages.
    WrongCount {
        /// As recorded.
        expected: usize,
        /// As the conversation says.
        says: usize,
        /// As many messages are listed.
        listed: usize,
    },
    /// The conversation's last activity is not its largest message timestamp.
    WrongLastActivity {
        /// The largest timestamp.
        expected: Option<DateTime<Utc>>,
        /// As the conversation says.
        says: DateTime<Utc>,
    },
}

/// A problem and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The conversation's key.
    pub(crate) conversation: String,
    /// What is wrong.
    #[serde(flatten)]
    pub(crate) problem: Problem,
}

/// A conversation that came of the recording, for a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    /// Its id in the API.
    pub(crate) id: String,
    /// The channel's name.
    pub(crate) channel: String,
    /// The participant first in byte order.
    pub(crate) participant_a: String,
    /// The other participant.
    pub(crate) participant_b: String,
    /// How many messages were recorded for it.
    pub(crate) expected: usize,
    /// How many it says it has.
    pub(crate) message_count: usize,
    /// The largest message timestamp.
    pub(crate) last_activity_at: DateTime<Utc>,
    /// The last message's text, for a glance.
    pub(crate) last_body: String,
}

/// All that the check saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// Requests sent.
    pub(crate) sent: usize,
    /// Requests accepted.
    pub(crate) accepted: usize,
    /// Requests refused.
    pub(crate) refused: usize,
    /// Events the gateway recorded meanwhile.
    pub(crate) recorded: u64,
    /// Events the gateway knew already.
    pub(crate) duplicate: u64,
    /// Messages that had to come of it.
    pub(crate) messages: usize,
    /// The conversations, latest activity first.
    pub(crate) conversations: Vec<Row>,
    /// Requests not answered as recorded.
    pub(crate) mismatches: Vec<Mismatch>,
    /// What is wrong in the conversations.
    pub(crate) findings: Vec<Finding>,
    /// How the counters contradict what was sent, if they do.
    pub(crate) miscount: Option<String>,
}

impl Report {
    /// Whether everything arrived, once, in order.
    pub(crate) fn is_clean(&self) -> bool {
        self.mismatches.is_empty() && self.findings.is_empty() && self.miscount.is_none()
    }

    /// One line for each thing that is wrong.
    pub(crate) fn complaints(&self) -> impl Iterator<Item = String> {
        let mismatches = self.mismatches.iter().map(ToString::to_string);
        let findings = self.findings.iter().map(ToString::to_string);
        mismatches.chain(findings).chain(self.miscount.clone())
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            why,
            expected,
            answered,
        } = self;
        match answered {
            Some(answered) => write!(
                f,
                "request {name} ({why}): answered {answered}, recorded {expected}"
            ),
            None => write!(f, "request {name} ({why}): no answer, recorded {expected}"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.conversation)?;
        match &self.problem {
            Problem::Missing { message } => write!(f, "message {message} is missing"),
            Problem::Doubled { message, times } => write!(f, "message {message} is there {times} times"),
            Problem::Unexpected { messages } => write!(f, "{messages} messages that nobody sent"),
            Problem::OutOfOrder { message } => write!(f, "message {message} is out of order"),
            Problem::WrongStatus {
                message,
                expected,
                says,
            } => write!(f, "message {message} is {says}, should be {expected}"),
            Problem::WrongParticipants => write!(f, "its channel or participants are not those of its key"),
            Problem::WrongCount {
                expected,
                says,
                listed,
            } => {
                write!(f, "says {says} messages, lists {listed}, recorded {expected}")
            }
            Problem::WrongLastActivity {
                expected: Some(expected),
                says,
            } => {
                write!(
                    f,
                    "last activity {}, should be {}",
                    says.to_rfc3339(),
                    expected.to_rfc3339()
                )
            }
            Problem::WrongLastActivity { expected: None, says } => {
                write!(f, "last activity {} without a message", says.to_rfc3339())
            }
        }
    }
}
