//! The fields that Postmark is known to send, and why a request may not be one of its own.

use mailroom_domain::ErrorCode;
use serde_json::{Map, Value};

use crate::{email, incoming::fit};

/// Why something verified is not what Postmark sends. Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// Not a JSON object, or with escapes that are no characters.
    #[error("not a JSON object")]
    NotAnObject,
    /// A field without which it cannot be told what it is.
    #[error("`{0}` is missing or of another type")]
    Missing(&'static str),
    /// An id that is none.
    #[error("`{0}` is not an id")]
    BadId(&'static str),
    /// An address that is none.
    #[error(transparent)]
    BadAddress(#[from] email::Problem),
    /// A kind of event that is not known.
    #[error("`RecordType` is not one that this release knows")]
    UnknownRecord,
    /// A kind of bounce that is not known.
    #[error("`Type` is not a kind of bounce that this release knows")]
    UnknownBounce,
}

impl Problem {
    pub(super) const fn code(self) -> ErrorCode {
        match self {
            Self::UnknownRecord | Self::UnknownBounce => ErrorCode::Unsupported,
            _ => ErrorCode::Unreadable,
        }
    }
}

/// A field's text, unless it is empty.
pub(super) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// A field's text, which is an id.
pub(super) fn id<'a>(fields: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Problem> {
    fit(text(fields, name).ok_or(Problem::Missing(name))?).ok_or(Problem::BadId(name))
}

/// Identity, order and conversations rest on these.
pub(super) const LOAD_BEARING: &[&str] = &[
    "RecordType",
    "MessageID",
    "ID",
    "Type",
    "TypeCode",
    "Recipient",
    "Email",
    "From",
    "FromFull",
    "To",
    "ToFull",
    "OriginalRecipient",
    "MailboxHash",
    "Date",
    "DeliveredAt",
    "BouncedAt",
    "ReceivedAt",
    "ChangedAt",
];

/// postmarkapp.com/developer/webhooks, all event webhooks.
pub(super) const EVENT: &[&str] = &[
    "RecordType",
    "MessageID",
    "MessageStream",
    "ServerID",
    "Tag",
    "Metadata",
    "Recipient",
    "DeliveredAt",
    "Details",
    "ID",
    "Type",
    "TypeCode",
    "Name",
    "Description",
    "Email",
    "From",
    "BouncedAt",
    "DumpAvailable",
    "Inactive",
    "CanActivate",
    "Subject",
    "Content",
    "FirstOpen",
    "ReadSeconds",
    "Client",
    "OS",
    "Platform",
    "UserAgent",
    "Geo",
    "ReceivedAt",
    "ClickLocation",
    "OriginalLink",
    "ChangedAt",
    "Origin",
    "SuppressSending",
    "SuppressionReason",
];

/// postmarkapp.com/developer/webhooks/inbound-webhook.
pub(super) const INBOUND: &[&str] = &[
    "RecordType",
    "MessageID",
    "MessageStream",
    "From",
    "FromName",
    "FromFull",
    "To",
    "ToFull",
    "Cc",
    "CcFull",
    "Bcc",
    "BccFull",
    "ReplyTo",
    "OriginalRecipient",
    "MailboxHash",
    "Subject",
    "Date",
    "TextBody",
    "HtmlBody",
    "StrippedTextReply",
    "RawEmail",
    "Tag",
    "Headers",
    "Attachments",
];
pub(super) const ADDRESS: &[&str] = &["Email", "Name", "MailboxHash"];
pub(super) const HEADER: &[&str] = &["Name", "Value"];
pub(super) const ATTACHMENT: &[&str] = &["Name", "Content", "ContentType", "ContentLength", "ContentID"];
