//! The envelope in which Amazon SNS sends everything: one JSON object.

use chrono::{DateTime, Utc};
use mailroom_domain::ErrorCode;
use serde_json::{Map, Value};

use crate::incoming::fit;

/// What SNS posted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Envelope(Map<String, Value>);

/// Why a verified envelope is not understood. Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// Not an object at all.
    #[error("not a JSON object")]
    NotAnObject,
    /// A field that it cannot do without is not there, or not a text.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// An id or name that can be none.
    #[error("`{0}` cannot be what it says")]
    Bad(&'static str),
    /// A link that leads elsewhere than to SNS, for this topic.
    #[error("`SubscribeURL` is not SNS's link for confirming a subscription to this topic")]
    BadLink,
    /// A kind of envelope that is not known.
    #[error("`Type` is not one that this release knows")]
    UnknownType,
    /// A kind of mail event that is not known.
    #[error("`Message` is a mail event of a type that this release does not know")]
    UnknownMailEvent,
}

impl Problem {
    pub(super) const fn code(self) -> ErrorCode {
        match self {
            Self::UnknownType | Self::UnknownMailEvent => ErrorCode::Unsupported,
            _ => ErrorCode::Unreadable,
        }
    }
}

/// Which hash is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// `SignatureVersion` 1, SNS's default.
    Sha1,
    /// `SignatureVersion` 2.
    Sha256,
}

/// Identity, order and conversations rest on these, in the envelope and in the mail event within.
pub(super) const LOAD_BEARING: &[&str] = &[
    "Type",
    "MessageId",
    "TopicArn",
    "Timestamp",
    "notificationType",
    "eventType",
    "messageId",
    "bounceType",
    "timestamp",
];

/// docs.aws.amazon.com/sns, "Parsing Amazon SNS message formats".
pub(super) const KNOWN: &[&str] = &[
    "Type",
    "MessageId",
    "TopicArn",
    "Subject",
    "Message",
    "Timestamp",
    "SignatureVersion",
    "Signature",
    "SigningCertURL",
    "UnsubscribeURL",
    "SubscribeURL",
    "Token",
    "MessageAttributes",
    "SequenceNumber",
];

impl Envelope {
    /// Reads a body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Problem> {
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|_| Problem::NotAnObject)
    }

    /// Its fields.
    pub(super) const fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// What to keep of it: not the signature, which may be another when it is delivered again, nor the link with which
    /// anybody can end the subscription.
    pub(super) fn kept(&self) -> Vec<u8> {
        let mut kept = self.0.clone();
        for name in [
            "Signature",
            "SignatureVersion",
            "SigningCertURL",
            "UnsubscribeURL",
        ] {
            kept.remove(name);
        }
        Value::Object(kept).to_string().into_bytes()
    }

    /// A field that is a text.
    pub(super) fn text(&self, name: &'static str) -> Result<&str, Problem> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .ok_or(Problem::Missing(name))
    }

    /// SNS's id for it: the same whenever it is delivered again.
    pub(super) fn id(&self) -> Result<&str, Problem> {
        fit(self.text("MessageId")?).ok_or(Problem::Bad("MessageId"))
    }

    /// Which hash its signature is of.
    pub(super) fn version(&self) -> Option<Version> {
        match self.text("SignatureVersion") {
            Ok("1") => Some(Version::Sha1),
            Ok("2") => Some(Version::Sha256),
            _ => None,
        }
    }

    /// When it was published.
    pub(super) fn timestamp(&self) -> Option<DateTime<Utc>> {
        let text = self.text("Timestamp").ok()?;
        DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
    }
}
