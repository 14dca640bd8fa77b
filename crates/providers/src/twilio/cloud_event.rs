//! Twilio's Event Streams: lists of `CloudEvents` as JSON, each turned into the form it would be as a webhook.

use mailroom_domain::{Channel, ErrorCode, Headers};
use serde_json::Value;

use super::NAME;
use crate::{Drift, Incoming, MOST_EVENTS, form::Form};

/// Names in an event's data, and the form fields they are.
const FIELDS: &[(&str, &str)] = &[
    ("messageSid", "MessageSid"),
    ("accountSid", "AccountSid"),
    ("messagingServiceSid", "MessagingServiceSid"),
    ("from", "From"),
    ("to", "To"),
    ("body", "Body"),
    ("numMedia", "NumMedia"),
    ("numSegments", "NumSegments"),
    ("messageStatus", "MessageStatus"),
    ("errorCode", "ErrorCode"),
    ("timestamp", "Timestamp"),
];

/// The events of a JSON body: one, or a list.
pub(super) fn split(body: &[u8], endpoint: &str, drift: &mut Drift) -> Vec<Incoming> {
    match crate::json::parse(body) {
        Ok(Value::Array(items)) if !items.is_empty() => items
            .iter()
            .take(MOST_EVENTS + 1)
            .map(|item| incoming(item, endpoint, kept(item).as_bytes(), drift))
            .collect(),
        Ok(item) => vec![incoming(&item, endpoint, body, drift)],
        Err(_) => vec![quarantined(endpoint, body, (ErrorCode::Unreadable, "not JSON"))],
    }
}

/// An item as a body of its own. A list among the items stays in one, or its own items would be taken for events.
fn kept(item: &Value) -> String {
    if item.is_array() {
        format!("[{item}]")
    } else {
        item.to_string()
    }
}

fn incoming(item: &Value, endpoint: &str, received: &[u8], drift: &mut Drift) -> Incoming {
    let (Some(kind), Some(data)) = (item["type"].as_str(), item["data"].as_object()) else {
        return quarantined(
            endpoint,
            received,
            (ErrorCode::Unreadable, "not a CloudEvent with a type and data"),
        );
    };
    if !kind.starts_with("com.twilio.messaging.") {
        drift.types.push(kind.to_owned());
        return quarantined(
            endpoint,
            received,
            (ErrorCode::Unsupported, "an event type this release does not know"),
        );
    }
    let fields = FIELDS.iter().filter_map(|&(name, field)| {
        let text = match data.get(name)? {
            // Webhooks write them in lower case.
            Value::String(text) if name == "messageStatus" => text.to_lowercase(),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some((field, text))
    });
    super::incoming(&Form::of(fields), endpoint, received, &headers(), drift)
}

fn quarantined(endpoint: &str, received: &[u8], why: (ErrorCode, &str)) -> Incoming {
    Incoming::quarantined(NAME, endpoint, Channel::Sms, headers(), received, why)
}

/// By these a body that was put aside is known for JSON.
fn headers() -> Headers {
    [("content-type".to_owned(), "application/json".to_owned())].into()
}
