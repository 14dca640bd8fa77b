//! Inbound e-mails.

use chrono::DateTime;
use mailroom_domain::{ConversationKey, ErrorCode, FilePlace, IncomingMessage, Payload};

use super::{super::Postmark, claimed, fixture, one, split};
use crate::{Incoming, Provider, Reading, incoming::hash};

pub(super) fn message(event: &Incoming) -> IncomingMessage {
    match Postmark.read(&claimed(event)) {
        Ok(Reading::Message(message)) => {
            let key = ConversationKey::between(
                message.channel,
                &message.from_participant,
                &message.to_participant,
            );
            assert_eq!(key, event.conversation_key);
            message
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_inbound_email_becomes_a_message() {
    let event = one(fixture!("inbound"));
    assert_eq!(
        event.provider_message_id,
        "postmark:73e6d360-66eb-11e1-8e72-a8904824019b"
    );
    assert_eq!(
        event.conversation_key.as_str(),
        "email:ada@example.com<->desk@inbound.example.org"
    );
    assert_eq!(split(fixture!("inbound")).drift, crate::Drift::default());
    let message = message(&event);
    assert_eq!(
        (&*message.from, &*message.to),
        ("ada+lists@example.com", "desk+1001@inbound.example.org")
    );
    assert!(message.body.starts_with("The teapot came broken.\n"));
    assert_eq!(message.timestamp.to_rfc3339(), "2026-11-05T14:59:01+00:00");
    let email = message.email.unwrap();
    assert_eq!(
        email.subject.as_deref(),
        Some("Re: Your order \u{2116}1001 \u{1f600}")
    );
    assert_eq!(
        email.html.as_deref(),
        Some("<p>The teapot came <b>broken</b>.</p>")
    );
    assert_eq!(
        email.message_id.as_deref(),
        Some("CAGXpo2WKfxHWZ5UFYCR3H_J9SNMG@mail.example.com")
    );
    assert_eq!(email.in_reply_to, ["order-1001@shop.example.org"]);
    assert_eq!(
        email.references,
        ["order-1000@shop.example.org", "order-1001@shop.example.org"]
    );
    assert_eq!(email.headers.len(), 8);
}

#[test]
fn attachments_are_listed_with_where_their_content_is() {
    let body = fixture!("inbound");
    let message = message(&one(body));
    assert_eq!(message.files.len(), 2);
    let receipt = &message.files[1];
    assert_eq!(receipt.name.as_deref(), Some("receipt.txt"));
    assert_eq!(receipt.content_type.as_deref(), Some("text/plain"));
    assert_eq!(receipt.size, Some(29));
    assert_eq!(
        receipt.sha256,
        Some(hash("Order 1001: 1 teapot, 12 \u{20ac}\n".as_bytes()))
    );
    let Some(FilePlace::Payload(pointer)) = &receipt.place else {
        panic!("{receipt:?}");
    };
    let json: serde_json::Value = serde_json::from_slice(body).unwrap();
    assert!(json.pointer(pointer).unwrap().is_string());
    assert_eq!(message.attachments.unwrap().as_array().unwrap().len(), 2);
}

#[test]
fn an_email_without_a_text_shows_its_html() {
    let event = one(fixture!("inbound_html_only"));
    assert_eq!(event.recipient, "desk+1001@inbound.example.org");
    let message = message(&event);
    assert_eq!(message.body, "<p>The teapot came <b>broken</b>.</p>");
    assert_eq!(
        message.timestamp,
        DateTime::UNIX_EPOCH,
        "the sender's date is none"
    );
    assert_eq!(message.attachments, None);
}

#[test]
fn an_email_from_nobody_is_put_aside_and_a_nul_in_one_is_shown() {
    let event = one(fixture!("inbound_no_sender"));
    assert_eq!(event.quarantine.unwrap().code, ErrorCode::Unreadable);
    let event = one(fixture!("inbound_nul"));
    assert!(matches!(event.payload, Payload::Bytes(_)));
    assert_eq!(message(&event).body, "before\u{fffd}after");
}

#[test]
fn an_attachment_that_cannot_be_decoded_is_still_listed() {
    let body =
        br#"{"FromFull":{"Email":"a@example.com"},"ToFull":[{"Email":"b@example.com"}],"MessageID":"m",
        "Attachments":[7,{"Name":"x","Content":"?","ContentLength":9},{}]}"#;
    let files = message(&one(body)).files;
    assert_eq!(files.len(), 2);
    assert_eq!((files[0].size, files[0].sha256), (Some(9), None));
    assert_eq!(
        files[0].place,
        Some(FilePlace::Payload("/Attachments/1/Content".to_owned()))
    );
    assert_eq!(files[1], mailroom_domain::File::default());
}
