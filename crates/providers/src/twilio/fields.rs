//! The fields that Twilio is known to send, and why a form may not be one of its messages.

use mailroom_domain::ErrorCode;

use crate::{Drift, form::Form};

/// Why a verified form is not a message or status. Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// A field that every message has is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// An id that is none.
    #[error("`{0}` is not an id")]
    BadId(&'static str),
    /// An address that is neither a number nor a sender name.
    #[error("`{0}` is not a phone number or a sender name")]
    BadAddress(&'static str),
    /// A word for a status that is not known.
    #[error("`MessageStatus` is not one that this release knows")]
    UnknownStatus,
}

impl Problem {
    pub(super) const fn code(self) -> ErrorCode {
        match self {
            Self::UnknownStatus => ErrorCode::Unsupported,
            _ => ErrorCode::Unreadable,
        }
    }
}

/// Identity, order and conversations rest on these.
pub(super) const LOAD_BEARING: &[&str] = &[
    "MessageSid",
    "SmsSid",
    "SmsMessageSid",
    "AccountSid",
    "MessagingServiceSid",
    "From",
    "To",
    "WaId",
    "MessageStatus",
    "SmsStatus",
    "NumMedia",
    "Timestamp",
];

/// twilio.com/docs/messaging/guides/webhook-request, and what comes with status callbacks and fallback requests.
const KNOWN: &[&str] = &[
    "MessageSid",
    "SmsSid",
    "SmsMessageSid",
    "AccountSid",
    "MessagingServiceSid",
    "From",
    "To",
    "Body",
    "NumMedia",
    "NumSegments",
    "ApiVersion",
    "SmsStatus",
    "MessageStatus",
    "ErrorCode",
    "ErrorMessage",
    "ErrorUrl",
    "Timestamp",
    "FromCity",
    "FromState",
    "FromZip",
    "FromCountry",
    "ToCity",
    "ToState",
    "ToZip",
    "ToCountry",
    "ProfileName",
    "WaId",
    "Forwarded",
    "FrequentlyForwarded",
    "ButtonText",
    "ButtonPayload",
    "Latitude",
    "Longitude",
    "Address",
    "Label",
    "OptOutType",
    "AddOns",
    "ReferralNumMedia",
    "MessageType",
    "ChannelMetadata",
    "OriginalRepliedMessageSid",
    "OriginalRepliedMessageSender",
    "ChannelPrefix",
    "ChannelInstallSid",
    "ChannelToAddress",
    "ChannelStatusMessage",
    "EventType",
    "StructuredMessage",
    "RawDlrDoneDate",
    "MessagePrice",
];

/// Notes fields that are new, not counting numbered media.
pub(super) fn note(form: &Form, drift: &mut Drift) {
    let is_media = |name: &str| {
        name.strip_prefix("MediaUrl")
            .or_else(|| name.strip_prefix("MediaContentType"))
            .is_some_and(|number| number.parse::<u8>().is_ok())
    };
    let unknown = form
        .fields()
        .filter(|(name, _)| !KNOWN.contains(name) && !is_media(name));
    drift.fields.extend(unknown.map(|(name, _)| name.to_owned()));
}
