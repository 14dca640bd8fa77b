//! Inbound Parse.

use chrono::DateTime;
use mailroom_domain::{ConversationKey, ErrorCode, EventKind, FilePlace, IncomingMessage, Payload};
use proptest::prelude::*;

use super::{super::SendGrid, again, claimed, fixture, split};
use crate::{Drift, Incoming, Provider, Reading, incoming::hash};

fn message(event: &Incoming) -> IncomingMessage {
    match SendGrid.read(&claimed(event)) {
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

/// The one event of a form, after checking that what is kept of it would come out as the same one.
fn one((headers, body): (Vec<(&str, &[u8])>, &[u8])) -> Incoming {
    let mut split = split(&headers, body);
    assert_eq!(split.events.len(), 1);
    assert_eq!(split.drift, Drift::default());
    assert_eq!(again(&split.events[0]).events, split.events);
    split.events.remove(0)
}

#[test]
fn a_parsed_email_becomes_a_message() {
    let event = one(fixture!("inbound"));
    assert_eq!(
        event.provider_message_id,
        "sendgrid:shop/CAGXpo2WKfxHWZ5UFYCR3H_J9SNMG@mail.example.com/desk@parse.example.org"
    );
    assert_eq!(
        event.conversation_key.as_str(),
        "email:ada@example.com<->desk@parse.example.org"
    );
    assert!(matches!(event.payload, Payload::Json(_)));
    let message = message(&event);
    assert_eq!(
        (&*message.from, &*message.to),
        ("ada+lists@example.com", "desk@parse.example.org")
    );
    assert_eq!(
        (&*event.sender, &*event.recipient),
        (&*message.from, &*message.to)
    );
    assert_eq!(message.body, "The teapot came broken.\n");
    assert_eq!(message.timestamp.to_rfc3339(), "2026-11-05T14:59:01+00:00");
    let email = message.email.unwrap();
    assert_eq!(email.subject.as_deref(), Some("Re: Your order \u{2116}1001"));
    assert_eq!(email.in_reply_to, ["order-1001@shop.example.org"]);
    assert_eq!(email.references.len(), 2);
    assert!(email.html.unwrap().contains("<b>broken</b>"));
    assert_eq!(email.headers.len(), 13);
}

#[test]
fn attachments_are_listed_with_where_their_content_is() {
    let event = one(fixture!("inbound_attachments"));
    let files = message(&event).files;
    assert_eq!(files.len(), 2);
    assert_eq!(files[1].name.as_deref(), Some("receipt.txt"));
    assert_eq!(files[1].content_type.as_deref(), Some("text/plain"));
    assert_eq!(files[1].size, Some(29));
    assert_eq!(
        files[1].sha256,
        Some(hash("Order 1001: 1 teapot, 12 \u{20ac}\n".as_bytes()))
    );
    let Some(FilePlace::Payload(pointer)) = &files[1].place else {
        panic!("{files:?}");
    };
    let kept: serde_json::Value = serde_json::from_slice(event.payload.as_bytes()).unwrap();
    assert!(kept.pointer(pointer).unwrap().is_string());
}

#[test]
fn a_file_whose_part_is_silent_is_named_by_the_form() {
    let body = "--b\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\na@example.com\r\n\
                --b\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\nb@example.com\r\n\
                --b\r\nContent-Disposition: form-data; name=\"attachment-info\"\r\n\r\n\
                {\"attachment1\":{\"filename\":\"x.bin\",\"type\":\"application/x\"}}\r\n\
                --b\r\nContent-Disposition: form-data; name=\"attachment1\"; filename=\"\"\r\n\r\nx\r\n--b--\r\n";
    let content_type: &[u8] = b"multipart/form-data; boundary=b";
    let event = one((vec![("content-type", content_type)], body.as_bytes()));
    let file = message(&event).files.remove(0);
    assert_eq!(
        (file.name.as_deref(), file.content_type.as_deref()),
        (Some("x.bin"), Some("application/x"))
    );
}

#[test]
fn each_field_is_read_in_its_own_charset() {
    let message = message(&one(fixture!("inbound_charsets")));
    assert_eq!(message.body, "Gr\u{f6}\u{df}e: 5 \u{20ac}\n");
    let email = message.email.unwrap();
    assert_eq!(email.subject.as_deref(), Some("Caf\u{e9} zu sp\u{e4}t"));
    assert_eq!(email.html.as_deref(), Some("<p>\u{65e5}\u{672c}\u{8a9e}</p>"));
}

#[test]
fn a_raw_email_is_parsed() {
    let event = one(fixture!("inbound_raw"));
    assert_eq!(
        event.provider_message_id,
        "sendgrid:shop/raw-1@mail.example.com/desk@parse.example.org"
    );
    let message = message(&event);
    assert_eq!(
        message.body.trim(),
        "Die Teekanne ist zerbrochen, sch\u{f6}n war sie."
    );
    assert_eq!(message.timestamp.to_rfc3339(), "2026-11-05T14:59:01+00:00");
    assert_eq!(message.files[0].name.as_deref(), Some("teapot.png"));
    assert_eq!(
        message.files[0].place,
        Some(FilePlace::Payload("/email#4".to_owned()))
    );
    assert_eq!(
        message.email.unwrap().subject.as_deref(),
        Some("Re: Your order \u{2116}1001")
    );
}

#[test]
fn a_form_may_be_urlencoded_and_an_email_without_an_id() {
    let event = one(fixture!("inbound_form"));
    assert_eq!(message(&event).body, "As a form.\n");
    let event = one(fixture!("inbound_no_message_id"));
    assert!(event.provider_message_id.starts_with("sendgrid:shop/sha256:"));
    assert_eq!(message(&event).email.unwrap().message_id, None);
}

#[test]
fn the_way_of_an_email_is_not_part_of_it() {
    let (headers, body) = fixture!("inbound");
    let moved = String::from_utf8_lossy(body).replace("192.0.2.25", "192.0.2.26");
    let (one, other) = (one((headers.clone(), body)), one((headers, moved.as_bytes())));
    assert_ne!(one.payload, other.payload);
    assert_eq!(
        (one.provider_message_id, one.body_hash),
        (other.provider_message_id, other.body_hash)
    );
}

#[test]
fn the_return_path_stands_in_for_a_sender() {
    let event = one(fixture!("inbound_no_sender"));
    assert_eq!(event.sender, "ada@example.com");
}

#[test]
fn what_is_no_email_is_put_aside() {
    let broken = one(fixture!("inbound_broken"));
    assert_eq!(broken.kind, EventKind::Quarantined);
    assert_eq!(broken.quarantine.as_ref().unwrap().code, ErrorCode::Unreadable);
    assert!(broken.headers.contains_key("content-type"));
    let form: &[u8] = b"application/x-www-form-urlencoded";
    let many = "a=1&".repeat(1_001);
    for body in ["", "from=a@example.com", "from=x&to=b@example.com", &many] {
        let split = split(&[("content-type", form)], body.as_bytes());
        assert_eq!(split.events[0].kind, EventKind::Quarantined, "{body}");
        assert_eq!(again(&split.events[0]).events, split.events);
    }
}

#[test]
fn a_nul_is_kept_as_bytes() {
    let form: &[u8] = b"application/x-www-form-urlencoded; charset=utf-8";
    let body = b"from=a@example.com&to=b@example.com&text=x%00y";
    let event = one((vec![("content-type", form)], body));
    assert!(matches!(event.payload, Payload::Bytes(_)));
    let message = message(&event);
    assert_eq!(message.body, "x\u{fffd}y");
    assert_eq!(message.timestamp, DateTime::UNIX_EPOCH);
}

#[test]
fn new_fields_are_counted() {
    let form: &[u8] = b"application/x-www-form-urlencoded";
    let body = b"from=a@example.com&to=b@example.com&attachment7=x&attachmentX=y&mood=good";
    assert_eq!(
        split(&[("content-type", form)], body).drift.fields,
        ["attachmentX", "mood"]
    );
}

fn any_form() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("a@example.com".to_owned()),
        Just(r#"{"to":["b@example.com",7],"from":"a@example.com"}"#.to_owned()),
        Just(r#"{"text":"utf-16le","html":"iso-2022-jp","from":"replacement"}"#.to_owned()),
        Just("Message-ID: <a/b@c>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x".to_owned()),
        "\\PC{0,20}",
    ];
    let name = proptest::sample::select(super::super::fields::FORM);
    proptest::collection::vec((name, value), 0..12).prop_map(|fields| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        form.finish()
    })
}

proptest! {
    #[test]
    fn every_form_can_be_read_and_split_again(body in any_form()) {
        let form: &[u8] = b"application/x-www-form-urlencoded";
        let event = one((vec![("content-type", form)], body.as_bytes()));
        if event.kind == EventKind::Message {
            match SendGrid.read(&claimed(&event)) {
                Ok(_) => drop(message(&event)),
                Err(failure) => prop_assert_eq!(failure.code, ErrorCode::Unreadable),
            }
        }
    }

    #[test]
    fn nothing_panics_on_arbitrary_bytes(
        body in proptest::collection::vec(any::<u8>(), 0..300),
        multipart in any::<bool>(),
    ) {
        let form: &[u8] = if multipart {
            b"multipart/form-data; boundary=b"
        } else {
            b"application/x-www-form-urlencoded"
        };
        let body = [b"--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n", &*body, b"\r\n--b--\r\n"].concat();
        for event in split(&[("content-type", form)], &body).events {
            let _ = SendGrid.read(&claimed(&event));
            prop_assert_eq!(again(&event).events, [event]);
        }
    }
}
