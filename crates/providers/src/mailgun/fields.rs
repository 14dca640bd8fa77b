//! The fields that Mailgun is known to send, and why a form or event may be unusable.

use mailroom_domain::ErrorCode;

use crate::{Drift, email, multipart::Fields};

/// Why a verified request is not a message or event. Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// A field that it cannot do without is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// An id that is none.
    #[error("`{0}` is not an id")]
    BadId(&'static str),
    /// Addresses that are none.
    #[error(transparent)]
    Mail(#[from] email::Problem),
    /// A raw mail that is none.
    #[error("`body-mime` is not an e-mail")]
    BadMime,
    /// An event that this release has no reading of.
    #[error("`event` or `severity` is not one that this release knows")]
    UnknownEvent,
}

impl Problem {
    pub(super) const fn code(self) -> ErrorCode {
        match self {
            Self::UnknownEvent => ErrorCode::Unsupported,
            _ => ErrorCode::Unreadable,
        }
    }
}

/// Identity, order and conversations rest on these.
pub(super) const LOAD_BEARING: &[&str] = &[
    "event-data",
    "id",
    "event",
    "severity",
    "timestamp",
    "message",
    "headers",
    "message-id",
    "Message-Id",
    "In-Reply-To",
    "References",
    "Date",
    "recipient",
    "sender",
    "from",
    "From",
    "To",
];

/// documentation.mailgun.com, "Receiving messages via HTTP" and "Storing and retrieving messages".
const KNOWN: &[&str] = &[
    "recipient",
    "sender",
    "from",
    "subject",
    "domain",
    "timestamp",
    "token",
    "signature",
    "message-headers",
    "message-url",
    "attachments",
    "attachment-count",
    "content-id-map",
];

/// Families of fields with a number or a media subtype after the name.
const FAMILIES: &[&str] = &["body-", "stripped-", "attachment-"];

/// Fields of `event-data`, of whatever event.
pub(super) const KNOWN_OF_EVENTS: &[&str] = &[
    "account",
    "api-key-id",
    "batch",
    "campaigns",
    "client-info",
    "delivery-status",
    "domain",
    "envelope",
    "error",
    "event",
    "failed-count",
    "flags",
    "format",
    "geolocation",
    "id",
    "ip",
    "is-upsert",
    "log-level",
    "mailing-list",
    "member",
    "member-description",
    "message",
    "method",
    "originating-ip",
    "primary-dkim",
    "reason",
    "recipient",
    "recipient-domain",
    "recipient-provider",
    "reject",
    "routes",
    "severity",
    "storage",
    "subject",
    "tags",
    "task-id",
    "template",
    "timestamp",
    "upserted-count",
    "url",
    "user-variables",
];

/// Notes fields that are new. Every header of the mail comes as a field of its own, too; those are its sender's.
pub(super) fn note(form: &Fields, headers: &[(String, String)], drift: &mut Drift) {
    let is_known = |name: &str| {
        KNOWN.contains(&name)
            || FAMILIES.iter().any(|family| name.starts_with(family))
            || email::headers::first(headers, name).is_some()
    };
    let unknown = form.names().filter(|name| !is_known(name));
    drift.fields.extend(unknown.map(str::to_owned));
}
