//! The fields that Telegram is known to send, and why an update may not be readable.

use mailroom_domain::ErrorCode;
use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// Why a verified update cannot be read. Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// Not JSON at all.
    #[error("not JSON")]
    NotJson,
    /// An object is expected there.
    #[error("the update or what it tells is not an object")]
    NotAnObject,
    /// A field that is always there is not, or is of another type.
    #[error("`{0}` is missing or not of its type")]
    Missing(&'static str),
    /// An id that is none.
    #[error("`{0}` is not an id")]
    BadId(&'static str),
    /// A chat that can be no party to a conversation.
    #[error("the chat's id is not an address")]
    BadAddress,
    /// A time that is none.
    #[error("`{0}` is not a time in seconds")]
    BadTime(&'static str),
    /// There is one kind to an update.
    #[error("more than one kind of update in one")]
    Several,
    /// A kind of update that is not known.
    #[error("an update of a kind that this release does not know")]
    UnknownKind,
}

impl Problem {
    pub(super) const fn code(self) -> ErrorCode {
        match self {
            Self::UnknownKind => ErrorCode::Unsupported,
            _ => ErrorCode::Unreadable,
        }
    }
}

/// Identity, order and conversations rest on these.
pub(super) const LOAD_BEARING: &[&str] = &[
    "update_id",
    "message_id",
    "id",
    "chat",
    "from",
    "sender_chat",
    "username",
    "type",
    "date",
    "edit_date",
    "business_connection_id",
    "file_id",
    "file_unique_id",
    "chat_instance",
    "inline_message_id",
];

pub(super) const CALLBACK: &[&str] = &[
    "id",
    "from",
    "message",
    "inline_message_id",
    "chat_instance",
    "data",
    "game_short_name",
];

/// What only tells of the chat itself.
pub(super) const SERVICE: &[&str] = &[
    "new_chat_members",
    "new_chat_member",
    "new_chat_participant",
    "left_chat_member",
    "left_chat_participant",
    "chat_owner_left",
    "chat_owner_changed",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "users_shared",
    "user_shared",
    "chat_shared",
    "gift",
    "unique_gift",
    "gift_upgrade_sent",
    "connected_website",
    "write_access_allowed",
    "passport_data",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "direct_message_price_changed",
    "paid_message_price_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "giveaway_completed",
    "managed_bot_created",
    "poll_option_added",
    "poll_option_deleted",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
];

/// What a message has beside what only tells of the chat.
pub(super) const MESSAGE: &[&str] = &[
    "message_id",
    "ephemeral_message_id",
    "receiver_user",
    "message_thread_id",
    "direct_messages_topic",
    "from",
    "sender_chat",
    "sender_boost_count",
    "sender_business_bot",
    "sender_tag",
    "guest_query_id",
    "guest_bot_caller_user",
    "guest_bot_caller_chat",
    "date",
    "edit_date",
    "business_connection_id",
    "chat",
    "forward_origin",
    "forward_from",
    "forward_from_chat",
    "forward_from_message_id",
    "forward_signature",
    "forward_sender_name",
    "forward_date",
    "is_topic_message",
    "is_automatic_forward",
    "reply_to_message",
    "external_reply",
    "quote",
    "reply_to_story",
    "reply_to_checklist_task_id",
    "reply_to_poll_option_id",
    "via_bot",
    "has_protected_content",
    "is_from_offline",
    "is_paid_post",
    "media_group_id",
    "author_signature",
    "paid_star_count",
    "text",
    "rich_message",
    "entities",
    "link_preview_options",
    "suggested_post_info",
    "effect_id",
    "animation",
    "audio",
    "document",
    "live_photo",
    "paid_media",
    "photo",
    "sticker",
    "story",
    "video",
    "video_note",
    "voice",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "has_media_spoiler",
    "checklist",
    "contact",
    "dice",
    "game",
    "poll",
    "venue",
    "location",
    "invoice",
    "giveaway",
    "giveaway_winners",
    "web_app_data",
    "reply_markup",
];
