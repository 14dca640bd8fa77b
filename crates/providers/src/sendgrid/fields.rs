//! The fields that SendGrid is known to send, and why a request or an event may not be one of its own.

use mailroom_domain::ErrorCode;
use serde_json::{Map, Value};

use crate::{email, incoming::fit};

/// Why something verified is not what SendGrid sends. Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// Not JSON, or with escapes that are no characters.
    #[error("not valid JSON")]
    NotJson,
    /// Events come in an array, and forms are kept as objects.
    #[error("neither an array of events nor a form as kept")]
    NotAnArray,
    /// Each event is an object.
    #[error("an event that is not an object")]
    NotAnObject,
    /// A field without which it cannot be told what it is.
    #[error("`{0}` is missing or not a text")]
    Missing(&'static str),
    /// An id that is none.
    #[error("`{0}` is not an id")]
    BadId(&'static str),
    /// A body that is not the form its header says, or one of more than a thousand fields.
    #[error("not a form of at most 1,000 fields")]
    NotAForm,
    /// A field that every form has.
    #[error("`{0}` is missing")]
    NoField(&'static str),
    /// An e-mail that is none.
    #[error("`email` is not a raw e-mail")]
    NotAnEmail,
    /// An address that is none.
    #[error(transparent)]
    BadAddress(#[from] email::Problem),
    /// An event of a type that is not known.
    #[error("`event` is not one that this release knows")]
    UnknownType,
}

impl Problem {
    pub(super) const fn code(self) -> ErrorCode {
        match self {
            Self::UnknownType => ErrorCode::Unsupported,
            _ => ErrorCode::Unreadable,
        }
    }
}

/// A field's text.
pub(super) fn text<'a>(event: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Problem> {
    event
        .get(name)
        .and_then(Value::as_str)
        .ok_or(Problem::Missing(name))
}

/// A field's text, which is an id.
pub(super) fn id<'a>(event: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Problem> {
    fit(text(event, name)?).ok_or(Problem::BadId(name))
}

/// Identity, order and conversations rest on these. Not on `email`: in a form that is a whole e-mail.
pub(super) const LOAD_BEARING: &[&str] = &[
    "event",
    "timestamp",
    "sg_event_id",
    "sg_message_id",
    "sg_machine_open",
    "smtp-id",
    "status",
    "type",
    "from",
    "to",
    "envelope",
    "charsets",
];

/// twilio.com/docs/sendgrid/for-developers/tracking-events/event. A sender's own `unique_args` stand beside these and
/// count as unknown too: nothing tells them from fields that are new.
pub(super) const KNOWN: &[&str] = &[
    "email",
    "domain",
    "from",
    "timestamp",
    "event",
    "smtp-id",
    "useragent",
    "ip",
    "sg_event_id",
    "sg_message_id",
    "sg_machine_open",
    "sg_content_type",
    "sg_template_id",
    "sg_template_name",
    "sg_user_id",
    "reason",
    "status",
    "response",
    "attempt",
    "tls",
    "cert_err",
    "curl",
    "url",
    "url_offset",
    "category",
    "asm_group_id",
    "type",
    "bounce_classification",
    "pool",
    "newsletter",
    "unique_args",
    "custom_args",
    "send_at",
    "post_type",
    "template",
    "template_id",
    "template_hash",
    "template_version_id",
    "marketing_campaign_id",
    "marketing_campaign_name",
    "marketing_campaign_version",
    "marketing_campaign_split_id",
    "mc_stats",
    "mc_pod_id",
    "mc_auto_id",
    "mc_auto_name",
    "mc_auto_step_id",
    "phase_id",
    "singlesend_id",
    "singlesend_name",
];

/// twilio.com/docs/sendgrid/for-developers/parsing-email/inbound-email, beside numbered attachments.
pub(super) const FORM: &[&str] = &[
    "headers",
    "dkim",
    "content-ids",
    "to",
    "cc",
    "text",
    "html",
    "from",
    "sender_ip",
    "spam_report",
    "envelope",
    "attachments",
    "subject",
    "spam_score",
    "attachment-info",
    "charsets",
    "SPF",
    "email",
];
