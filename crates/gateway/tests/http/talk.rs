//! What people write to each other in these tests.

use serde_json::{Value, json};

pub(crate) const SMS: &str = "/api/webhooks/sms";
pub(crate) const EMAIL: &str = "/api/webhooks/email";
pub(crate) const CONVERSATIONS: &str = "/api/conversations";

/// A valid SMS with this id.
pub(crate) fn sms(id: &str) -> Value {
    json!({
        "from": "+15550100101", "to": "+15550100102", "type": "sms", "messaging_provider_id": id,
        "body": "hello", "attachments": null, "timestamp": "2024-11-01T14:00:00Z",
    })
}

/// A valid e-mail with this id.
pub(crate) fn email(id: &str) -> Value {
    json!({
        "from": "user@example.com", "to": "contact@example.org", "xillio_id": id,
        "body": "<p>hello</p>", "attachments": [], "timestamp": "2024-11-01T14:00:00Z",
    })
}

/// The same with other fields; those that were not there are added.
pub(crate) fn with(mut body: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}
