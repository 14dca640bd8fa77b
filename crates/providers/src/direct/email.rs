//! Inbound e-mail as direct senders write it.

use mailroom_domain::{Channel, IncomingMessage, MessageReference, displayable};
use serde::Deserialize;
use serde_json::Value;

use super::{Direct, Invalid, NAME, field};

#[derive(Deserialize)]
struct Fields {
    from: Option<String>,
    to: Option<String>,
    xillio_id: Option<String>,
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
    let (from, from_participant) = field::address("from", Channel::Email, fields.from)?;
    let (to, to_participant) = field::address("to", Channel::Email, fields.to)?;
    let provider_message_id = field::id("xillio_id", fields.xillio_id)?;
    let text = field::present("body", fields.body)?;
    if text.trim().is_empty() {
        return Err(Invalid::Empty("body"));
    }
    let attachments = field::attachments(fields.attachments)?;
    let timestamp = field::timestamp(fields.timestamp)?;
    Ok(Direct {
        message: IncomingMessage {
            channel: Channel::Email,
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

    fn body(text: &str) -> Vec<u8> {
        serde_json::json!({
            "from": "User+news@Example.com", "to": "shop@example.org", "xillio_id": "x-1", "body": text,
            "attachments": [], "timestamp": "2024-11-01T14:00:00Z",
        })
        .to_string()
        .into_bytes()
    }

    #[test]
    fn html_is_kept_byte_for_byte() {
        let html = "<p>caf\u{e9} &amp;\r\n\t<b>x</b></p> ";
        let read = parse(&body(html)).unwrap();
        assert_eq!(read.message.body, html);
        assert_eq!(read.message.from, "User+news@Example.com");
        assert_eq!(
            read.incoming(b"").conversation_key.as_str(),
            "email:shop@example.org<->user@example.com"
        );
    }

    #[test]
    fn an_empty_body_is_refused() {
        assert_eq!(parse(&body("")), Err(Invalid::Empty("body")));
        assert_eq!(parse(&body(" \n")), Err(Invalid::Empty("body")));
    }
}
