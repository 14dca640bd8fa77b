//! The fields that Meta is known to send, and why a part of a request may not be readable.

use mailroom_domain::ErrorCode;

/// Why a part of a verified request is not a message or status. Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// Not JSON at all.
    #[error("not JSON")]
    NotJson,
    /// A field that is always there is not, or is of another type.
    #[error("`{0}` is missing or not of its type")]
    Missing(&'static str),
    /// An id that is none.
    #[error("`{0}` is not an id")]
    BadId(&'static str),
    /// Neither a number nor a user's id.
    #[error("`{0}` is not a phone number or a user id")]
    BadAddress(&'static str),
    /// A time that is none.
    #[error("`timestamp` is not a time in seconds")]
    BadTime,
    /// A list that holds nothing.
    #[error("`{0}` holds nothing")]
    Empty(&'static str),
    /// What stands around the messages would be multiplied by them.
    #[error("what stands around the items is larger than 4 KiB")]
    Bulky,
    /// More than anybody sends at once.
    #[error("more than 5,000 items")]
    TooMany,
    /// Not about WhatsApp.
    #[error("`object` is not one that this release knows")]
    UnknownObject,
    /// A kind of change that is not known.
    #[error("`field` is not one that this release knows")]
    UnknownField,
    /// A kind of message that is not known.
    #[error("the message's `type` is not one that this release knows")]
    UnknownType,
    /// A word for a status that is not known.
    #[error("`status` is not one that this release knows")]
    UnknownStatus,
}

impl Problem {
    pub(super) const fn code(self) -> ErrorCode {
        match self {
            Self::UnknownObject | Self::UnknownField | Self::UnknownType | Self::UnknownStatus => {
                ErrorCode::Unsupported
            }
            _ => ErrorCode::Unreadable,
        }
    }
}

/// Identity, order and conversations rest on these.
pub(super) const LOAD_BEARING: &[&str] = &[
    "object",
    "field",
    "id",
    "type",
    "status",
    "timestamp",
    "time",
    "display_phone_number",
    "phone_number_id",
    "from",
    "from_user_id",
    "wa_id",
    "user_id",
    "group_id",
    "recipient_id",
    "recipient_type",
    "recipient_user_id",
    "recipient_participant_id",
    "original_message_id",
    "code",
];

pub(super) const ENVELOPE: &[&str] = &["object", "entry"];
pub(super) const ENTRY: &[&str] = &["id", "time", "changes"];
pub(super) const CHANGE: &[&str] = &["field", "value"];
pub(super) const VALUE: &[&str] = &[
    "messaging_product",
    "metadata",
    "contacts",
    "messages",
    "statuses",
    "errors",
];
pub(super) const METADATA: &[&str] = &["display_phone_number", "phone_number_id"];
pub(super) const CONTACT: &[&str] = &[
    "profile",
    "wa_id",
    "user_id",
    "parent_user_id",
    "identity_key_hash",
];

/// Beside these a message has a field of the same name as its type.
pub(super) const MESSAGE: &[&str] = &[
    "id",
    "from",
    "from_user_id",
    "from_parent_user_id",
    "from_logical_id",
    "group_id",
    "timestamp",
    "type",
    "context",
    "referral",
    "identity",
    "errors",
    "origin",
];

/// What the objects named like message types hold, all of them together.
pub(super) const CONTENT: &[&str] = &[
    "body",
    "preview_url",
    "id",
    "url",
    "link",
    "caption",
    "filename",
    "mime_type",
    "sha256",
    "voice",
    "animated",
    "latitude",
    "longitude",
    "name",
    "address",
    "text",
    "payload",
    "type",
    "button_reply",
    "list_reply",
    "nfm_reply",
    "call_permission_reply",
    "catalog_id",
    "product_items",
    "wa_id",
    "new_wa_id",
    "user_id",
    "parent_user_id",
    "identity",
    "customer",
    "original_message_id",
    "message",
    "emoji",
    "message_id",
];

pub(super) const STATUS: &[&str] = &[
    "id",
    "status",
    "type",
    "timestamp",
    "recipient_id",
    "recipient_user_id",
    "recipient_parent_user_id",
    "recipient_logical_id",
    "recipient_type",
    "recipient_participant_id",
    "recipient_participant_user_id",
    "recipient_identity_key_hash",
    "conversation",
    "pricing",
    "errors",
    "payment",
    "message",
    "biz_opaque_callback_data",
];
