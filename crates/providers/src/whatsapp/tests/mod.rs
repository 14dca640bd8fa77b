//! What becomes of Meta's requests: messages of every kind, statuses, batches, and what is broken.

mod batches;
mod messages;
mod statuses;

use serde_json::{Value, json};

/// A change with these lists.
fn change(lists: Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550100100", "phone_number_id": "106540352242922" },
    });
    let (Value::Object(value_fields), Value::Object(lists)) = (&mut value, lists) else {
        panic!("lists are an object");
    };
    value_fields.extend(lists);
    json!({ "field": "messages", "value": value })
}

/// A request with these changes.
fn request(changes: &[Value]) -> Vec<u8> {
    let entry = json!({ "id": "102290129340398", "changes": changes });
    json!({ "object": "whatsapp_business_account", "entry": [entry] })
        .to_string()
        .into_bytes()
}

/// A text message, with these fields changed; null takes one away.
fn message(changed: Value) -> Value {
    let mut message = json!({
        "from": "15550100201", "id": "wamid.1", "timestamp": "1760000001", "type": "text",
        "text": { "body": "hello" },
    });
    let (Value::Object(fields), Value::Object(changed)) = (&mut message, changed) else {
        panic!("fields are an object");
    };
    fields.extend(changed);
    fields.retain(|_, value| !value.is_null());
    message
}

/// A request with one message.
fn with_message(changed: Value) -> Vec<u8> {
    request(&[change(json!({ "messages": [message(changed)] }))])
}
