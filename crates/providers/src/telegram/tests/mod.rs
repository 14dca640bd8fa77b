//! What becomes of Telegram's updates: messages of every kind, buttons, notices, and what is broken.

mod messages;
mod updates;

use serde_json::{Value, json};

/// An update of this kind, of a text message with these fields changed; null takes one away.
fn update(kind: &str, changed: Value) -> Vec<u8> {
    let mut message = json!({
        "message_id": 11, "date": 1_760_000_011, "text": "hello",
        "chat": { "id": 71_150_202, "type": "private" },
        "from": { "id": 71_150_202, "is_bot": false, "first_name": "Carla" },
    });
    let (Value::Object(fields), Value::Object(changed)) = (&mut message, changed) else {
        panic!("fields are an object");
    };
    fields.extend(changed);
    fields.retain(|_, value| !value.is_null());
    json!({ "update_id": 820_000_001, kind: message })
        .to_string()
        .into_bytes()
}
