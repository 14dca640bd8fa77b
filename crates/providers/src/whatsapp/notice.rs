//! Notices: what Meta tells of an account, and of messages without saying anything in a conversation.

use mailroom_domain::{Channel, ConversationKey, EventKind, Headers, Payload};
use serde_json::Value;

use super::{NAME, envelope::Object};
use crate::{
    Incoming,
    incoming::{hash, hex, shown},
};

/// Fields that an app may be subscribed to beside `messages`.
pub(super) const KNOWN: &[&str] = &[
    "account_alerts",
    "account_review_update",
    "account_settings_update",
    "account_update",
    "automatic_events",
    "business_capability_update",
    "business_status_update",
    "business_username_updates",
    "calls",
    "flows",
    "group_lifecycle_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
    "history",
    "message_echoes",
    "message_template_components_update",
    "message_template_quality_update",
    "message_template_status_update",
    "messaging_handovers",
    "partner_solutions",
    "payment_configuration_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
    "smb_app_state_sync",
    "smb_message_echoes",
    "standby",
    "template_category_update",
    "template_correct_category_detection",
    "template_performance_metrics",
    "tracking_events",
    "user_id_update",
    "user_preferences",
];

/// A change that has no id: it is known by its content.
pub(super) fn of_change(envelope: &Value, endpoint: &str) -> Incoming {
    let told = envelope.to_string();
    let body_hash = hash(told.as_bytes());
    let id = format!("{NAME}:{endpoint}/sha256:{}", hex(body_hash));
    notice(&told, endpoint, id, body_hash, ("", ""))
}

/// An item whose id makes it one and the same whichever endpoint it comes to.
pub(super) fn of_item(
    envelope: &Value,
    item: &Object,
    endpoint: &str,
    id: &str,
    parties: (&str, &str),
) -> Incoming {
    let body_hash = hash(Value::from(item.clone()).to_string().as_bytes());
    notice(
        &envelope.to_string(),
        endpoint,
        format!("{NAME}:{id}"),
        body_hash,
        parties,
    )
}

fn notice(told: &str, endpoint: &str, id: String, body_hash: [u8; 32], (from, to): (&str, &str)) -> Incoming {
    Incoming {
        channel: Channel::Whatsapp,
        kind: EventKind::Notice,
        sender: shown(from),
        recipient: shown(to),
        conversation_key: ConversationKey::alone(NAME, endpoint, &id),
        provider_message_id: id,
        payload: Payload::new(told.as_bytes()),
        headers: Headers::new(),
        body_hash,
        quarantine: None,
    }
}
