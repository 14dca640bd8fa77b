//! Mails in each of their encodings.

use mailroom_domain::{FilePlace, Payload};

use super::*;
use crate::incoming::hash;

#[test]
fn a_parsed_mail_becomes_a_message() {
    let (incoming, drift) = split(&signed("inbound", 1));
    assert_eq!(drift, Drift::default(), "headers as fields are the sender's");
    assert_eq!(
        incoming.provider_message_id,
        "mailgun:mail/CAF1x.20241104@example.com/hello@shop.example.org"
    );
    assert_eq!(
        incoming.conversation_key.as_str(),
        "email:ada@example.com<->hello@shop.example.org"
    );
    assert_eq!(
        (incoming.sender.as_str(), incoming.recipient.as_str()),
        ("Ada+orders@example.com", "hello@shop.example.org")
    );
    let message = message(&incoming);
    assert!(message.body.starts_with("It arrived, thank you!\r\n\r\nOn Sun"));
    assert_eq!(message.timestamp.to_rfc3339(), "2024-11-04T09:15:00+00:00");
    assert_eq!(message.reference, None, "its sender chose the id");
    assert_eq!((message.files.len(), message.attachments), (0, None));
    let email = message.email.unwrap();
    assert_eq!(
        email.subject.as_deref(),
        Some("Re: Order 4711 \u{2013} thank you")
    );
    assert!(email.html.unwrap().starts_with("<p>It arrived"));
    assert_eq!(email.in_reply_to, ["20241103.2@example.com"]);
    assert_eq!(
        email.references,
        ["20241103.1@shop.example.org", "20241103.2@example.com"]
    );
    assert_eq!(
        (email.headers.len(), email.headers[0].0.as_str()),
        (12, "Received")
    );
}

#[test]
fn attachments_are_files_wherever_they_are() {
    let (incoming, drift) = split(&signed("inbound_attachments", 1));
    assert_eq!(drift, Drift::default());
    let files = message(&incoming).files;
    assert_eq!(
        (files[0].name.as_deref(), files[0].size),
        (Some("Bild \u{fc}.png"), Some(67))
    );
    assert_eq!(
        files[1].place,
        Some(FilePlace::Payload("/attachment-2/base64".to_owned()))
    );
    assert_eq!(
        files[1].sha256,
        Some(hash("item;price\r\ncaf\u{e9};5 \u{20ac}\r\n".as_bytes()))
    );

    let (incoming, drift) = split(&signed("stored", 1));
    assert_eq!(drift, Drift::default());
    let files = message(&incoming).files;
    assert_eq!(
        (files.len(), files[0].size, files[0].sha256),
        (1, Some(482_113), None)
    );
    assert!(matches!(&files[0].place, Some(FilePlace::Url(url)) if url.ends_with("/attachments/0")));

    let (incoming, drift) = split(&signed("inbound_mime", 1));
    assert_eq!(drift, Drift::default());
    let message = message(&incoming);
    assert_eq!(message.body, "Le caf\u{e9} est arriv\u{e9} froid.");
    assert_eq!(
        message.email.unwrap().subject.as_deref(),
        Some("R\u{e9}clamation")
    );
    assert_eq!(
        message.files[0].place,
        Some(FilePlace::Payload("/body-mime/base64#2".to_owned()))
    );
    assert_eq!(
        (message.files[0].name.as_deref(), message.files[0].size),
        (Some("note.pdf"), Some(9))
    );
}

#[test]
fn a_bounce_without_id_or_envelope_sender_is_a_message() {
    let (incoming, _) = split(&signed("inbound_bounce", 1));
    assert!(incoming.provider_message_id.starts_with("mailgun:mail/sha256:"));
    assert!(
        matches!(incoming.payload, Payload::Bytes(_)),
        "a NUL fits no jsonb"
    );
    let message = message(&incoming);
    assert_eq!(
        (message.from.as_str(), message.body.as_str()),
        (
            "mailer-daemon@example.net",
            "It could not be delivered.\u{fffd}\n"
        )
    );
    assert_eq!((message.reference, message.timestamp), (None, now()));
}

#[test]
fn without_the_list_of_headers_their_fields_do() {
    let sent = [
        ("recipient", "b@example.org"),
        ("sender", "bounce+1@example.com"),
        ("From", "A <a@example.com>"),
        ("Message-Id", "<m@example.com>"),
        ("Date", "Mon, 4 Nov 2024 10:15:00 +0100"),
        ("message-headers", "[["),
        ("body-html", "<p>x</p>"),
        ("x-new", "1"),
    ];
    let (incoming, drift) = split(&form(&sent));
    assert_eq!(drift.fields, ["x-new"]);
    let message = message(&incoming);
    assert_eq!(
        (message.from.as_str(), message.body.as_str()),
        ("a@example.com", "<p>x</p>")
    );
    assert!(incoming.provider_message_id.contains("/m@example.com/"));
    let (incoming, _) = split(&form(&[sent[0], sent[1], ("from", "nobody")]));
    assert_eq!(incoming.sender, "bounce+1@example.com", "better than none");
}
