//! Inbound SMS and MMS as direct senders write them.

use mailroom_domain::{Channel, IncomingMessage, MessageReference, displayable};
use serde::Deserialize;
use serde_json::Value;

use super::{Direct, Invalid, NAME, field};

#[derive(Deserialize)]
struct Fields {
    from: Option<String>,
    to: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    messaging_provider_id: Option<String>,
    body: Option<String>,
    attachments: Option<Value>,
    timestamp: Option<String>,
}

/// Reads a body.
///
/// # Errors
/// [`Invalid`] names the first field at fault.
pub fn parse(body: &[u8]) -> Result<Direct, Invalid> {
    let fields: Fields = field::fields(body)?;
    let channel = match field::present("type", fields.kind)?.as_str() {
        "sms" => Channel::Sms,
        "mms" => Channel::Mms,
        _ => return Err(Invalid::UnknownType),
    };
    let (from, from_participant) = field::address("from", channel, fields.from)?;
    let (to, to_participant) = field::address("to", channel, fields.to)?;
    let provider_message_id = field::id("messaging_provider_id", fields.messaging_provider_id)?;
    let text = field::present("body", fields.body)?;
    let attachments = field::attachments(fields.attachments)?;
    match channel {
        // A picture needs no words.
        Channel::Mms if field::is_empty(attachments.as_ref()) => return Err(Invalid::NoAttachments),
        Channel::Sms if text.is_empty() => return Err(Invalid::Empty("body")),
        _ => {}
    }
    let timestamp = field::timestamp(fields.timestamp)?;
    Ok(Direct {
        message: IncomingMessage {
            channel,
            from,
            to,
            from_participant,
            to_participant,
            body: displayable(text),
            files: field::files(attachments.as_ref()),
            attachments,
            email: None,
            reference: Some(MessageReference::new(NAME, &provider_message_id)),
            timestamp,
        },
        provider_message_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn valid() -> Value {
        json!({
            "from": "+1 (555) 010-0101", "to": "+15550100102", "type": "sms", "messaging_provider_id": "m-1",
            "body": "hello", "attachments": null, "timestamp": "2024-11-01T14:00:00+02:00",
        })
    }

    fn with(field: &str, value: Value) -> Result<Direct, Invalid> {
        let mut body = valid();
        body[field] = value;
        parse(body.to_string().as_bytes())
    }

    #[test]
    fn a_valid_body_keeps_the_address_as_sent_and_groups_by_the_number() {
        let read = parse(valid().to_string().as_bytes()).unwrap();
        assert_eq!(read.message.from, "+1 (555) 010-0101");
        assert_eq!(read.message.timestamp.to_rfc3339(), "2024-11-01T12:00:00+00:00");
        let incoming = read.incoming(b"{}");
        assert_eq!(
            incoming.conversation_key.as_str(),
            "sms:+15550100101<->+15550100102"
        );
    }

    #[test]
    fn each_field_at_fault_is_named() {
        for field in ["from", "to", "type", "messaging_provider_id", "body", "timestamp"] {
            assert_eq!(with(field, Value::Null), Err(Invalid::Missing(field)));
            assert_eq!(
                with(field, json!(5)),
                Err(Invalid::WrongType(format!("`{field}`")))
            );
        }
        for field in ["from", "to", "messaging_provider_id", "body"] {
            assert_eq!(with(field, json!("")), Err(Invalid::Empty(field)));
        }
        assert_eq!(with("type", json!("fax")), Err(Invalid::UnknownType));
        assert_eq!(
            with("messaging_provider_id", json!("x".repeat(513))),
            Err(Invalid::Unfit("messaging_provider_id"))
        );
        assert_eq!(
            with("messaging_provider_id", json!("a\0b")),
            Err(Invalid::Unfit("messaging_provider_id"))
        );
        assert!(matches!(
            with("to", json!("nobody")),
            Err(Invalid::BadAddress { field: "to", .. })
        ));
        for time in [
            "yesterday",
            "2024-11-01",
            "2024-11-01T14:00:00",
            "2024-13-01T14:00:00Z",
            "9999-12-31T23:59:59-14:00",
            "0000-01-01T00:00:00+14:00",
            "",
        ] {
            assert_eq!(
                with("timestamp", json!(time)),
                Err(Invalid::BadTimestamp),
                "{time}"
            );
        }
        for list in [
            json!("x"),
            json!({}),
            json!([1]),
            json!([null]),
            json!([""]),
            json!([["x"]]),
            json!([{"x": ["\0"]}]),
            json!([{"\0": 1}]),
        ] {
            assert_eq!(with("attachments", list), Err(Invalid::BadAttachments));
        }
    }

    #[test]
    fn an_mms_needs_attachments_but_no_words() {
        assert_eq!(with("type", json!("mms")), Err(Invalid::NoAttachments));
        let mut body = valid();
        body["type"] = json!("mms");
        body["body"] = json!("");
        body["attachments"] = json!([]);
        assert_eq!(parse(body.to_string().as_bytes()), Err(Invalid::NoAttachments));
        body["attachments"] = json!(["https://media.example.com/1.jpg"]);
        assert_eq!(
            parse(body.to_string().as_bytes()).unwrap().message.channel,
            Channel::Mms
        );
    }

    #[test]
    fn what_is_no_json_is_refused_as_such() {
        let deep = format!("{{\"more\":{}{}}}", "[".repeat(200), "]".repeat(200));
        let surrogate = valid().to_string().replace("hello", "\\ud800");
        for body in ["", "{", "nonsense", "{\"a\":1}x", &deep, &surrogate] {
            assert_eq!(parse(body.as_bytes()), Err(Invalid::NotJson), "{body}");
        }
        assert_eq!(parse(b"{\"from\":\"\xff\"}"), Err(Invalid::NotJson));
        for body in ["[]", "\"x\"", "null", "7", r#"["+15550100101"]"#] {
            assert_eq!(
                parse(body.as_bytes()),
                Err(Invalid::WrongType("the body".to_owned())),
                "{body}"
            );
        }
    }

    #[test]
    fn unknown_fields_are_let_be_as_long_as_they_are_shallow() {
        let nested = |levels: usize| {
            format!("{}{}", "[".repeat(levels), "]".repeat(levels))
                .parse()
                .unwrap()
        };
        assert!(with("more", nested(64)).is_ok());
        assert!(
            with("more", json!("[".repeat(500))).is_ok(),
            "brackets in text nest nothing"
        );
    }

    #[test]
    fn a_nul_in_the_text_is_shown_as_a_replacement_character() {
        assert_eq!(with("body", json!("a\0b")).unwrap().message.body, "a\u{fffd}b");
    }
}
