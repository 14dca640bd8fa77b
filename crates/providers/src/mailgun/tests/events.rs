//! How far mails got.

use mailroom_domain::{EventKind, MessageStatus, StatusChange};

use super::*;

fn status(incoming: &Incoming) -> StatusChange {
    assert_eq!(incoming.kind, EventKind::Status, "{:?}", incoming.quarantine);
    let Reading::Status(status) = Mailgun.read(&claimed(incoming)).unwrap() else {
        panic!("no status")
    };
    assert_eq!(status.reference.line(), incoming.conversation_key);
    status
}

#[test]
fn events_are_statuses_or_notices() {
    let of = |name| split(&signed(name, 1));
    for (name, meaning, error) in [
        ("accepted", MessageStatus::Sent, None),
        ("delivered", MessageStatus::Delivered, None),
        ("opened", MessageStatus::Read, None),
        ("failed_permanent", MessageStatus::Failed, Some("605")),
    ] {
        let (incoming, drift) = of(name);
        assert_eq!(drift, Drift::default(), "{name}");
        let status = status(&incoming);
        assert_eq!(
            (status.status, status.error.as_deref()),
            (meaning, error),
            "{name}"
        );
        assert_eq!(status.reference.id, "20241103.1@shop.example.org");
        assert_eq!(
            (incoming.sender.as_str(), incoming.recipient.as_str()),
            ("Shop <hello@shop.example.org>", "ada@example.com")
        );
    }
    let (delivered, _) = of("delivered");
    assert_eq!(delivered.provider_message_id, "mailgun:mg-Delivered_0002");
    assert_eq!(
        status(&delivered).at.to_rfc3339(),
        "2024-11-03T09:20:03.908181+00:00"
    );
    for name in ["failed_temporary", "complained"] {
        let (incoming, drift) = of(name);
        assert_eq!(
            (incoming.kind, drift),
            (EventKind::Notice, Drift::default()),
            "{name}"
        );
        assert_eq!(crate::read(&claimed(&incoming)), Ok(Reading::Notice));
    }
    let rejected = r#"{"event-data":{"id":"r","event":"rejected","reject":{"reason":"Sandbox"},"message":{"headers":{"message-id":"<m@x>"}}}}"#;
    let status = status(&split(&json(rejected)).0);
    assert_eq!(
        (status.error.as_deref(), status.reference.id.as_str(), status.at),
        (Some("Sandbox"), "m@x", now())
    );
}
