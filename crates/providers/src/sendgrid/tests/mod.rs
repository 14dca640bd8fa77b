//! SendGrid's requests from signature to reading, on the fixtures and around them.

mod event;
mod inbound;

use chrono::{DateTime, TimeDelta, Utc};
use mailroom_domain::{ClaimToken, ClaimedEvent, EventId, Lane};

use super::SendGrid;
use crate::{
    Delivery, Endpoint, Incoming, Key, Provider, Request, Split, Unverified, Verified,
    signing::{Outgoing, Signer},
};

pub(super) const ENDPOINT: &str = "shop";

/// A fixture's headers and body.
pub(super) fn parts(file: &[u8]) -> (Vec<(&str, &[u8])>, &[u8]) {
    let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let head = std::str::from_utf8(&file[..end]).unwrap();
    let headers = head.lines().map(|line| line.split_once(": ").unwrap());
    (
        headers.map(|(name, value)| (name, value.as_bytes())).collect(),
        &file[end + 2..],
    )
}

macro_rules! fixture {
    ($case:literal) => {
        $crate::sendgrid::tests::parts(include_bytes!(concat!(
            "../../../tests/fixtures/sendgrid/",
            $case,
            ".http"
        )))
    };
}
pub(super) use fixture;

pub(super) fn split(headers: &[(&str, &[u8])], body: &[u8]) -> Split {
    let request = Request {
        is_get: false,
        query: "",
        headers: headers.iter().copied().collect(),
        body,
        certificate: None,
        now: DateTime::UNIX_EPOCH,
    };
    match SendGrid.split(&request, ENDPOINT) {
        Delivery::Events(split) => split,
        other => panic!("{other:?}"),
    }
}

/// What was kept of an event, split again.
pub(super) fn again(event: &Incoming) -> Split {
    let headers = event.headers.iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    split(&headers, event.payload.as_bytes())
}

pub(super) fn claimed(event: &Incoming) -> ClaimedEvent {
    ClaimedEvent {
        id: EventId::new(Lane::of(&event.conversation_key), [0; 16]),
        arrival: 1,
        token: ClaimToken::new([0; 16]),
        channel: event.channel,
        provider: "sendgrid".to_owned(),
        endpoint: ENDPOINT.to_owned(),
        kind: event.kind,
        conversation_key: event.conversation_key.clone(),
        payload: event.payload.clone(),
        headers: event.headers.clone(),
        attempt: 1,
        created_at: DateTime::UNIX_EPOCH,
        trace_context: None,
    }
}

fn verified(endpoint: &Endpoint, outgoing: &Outgoing, now: DateTime<Utc>) -> Result<Verified, Unverified> {
    let headers = outgoing.headers.iter();
    SendGrid.verify(
        &Request {
            is_get: false,
            query: "",
            headers: headers
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
                .collect(),
            body: &outgoing.body,
            certificate: None,
            now,
        },
        endpoint,
    )
}

#[test]
fn a_signature_is_good_for_as_long_as_events_are_delivered_again() {
    let (private, public) = SendGrid.demo_keys();
    let endpoint = Endpoint {
        keys: vec![Key::new(public)],
        ..Endpoint::default()
    };
    assert_eq!(SendGrid.lacks(&endpoint), None);
    let then = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let mut request = Outgoing {
        body: b"[]\r\n".to_vec(),
        ..Outgoing::default()
    };
    assert_eq!(verified(&endpoint, &request, then), Err(Unverified::Missing));
    request = SendGrid.sign(request, private, then, [0; 16]);
    let off = |hours| verified(&endpoint, &request, then + TimeDelta::hours(hours));
    for hours in [-26, 0, 26] {
        assert_eq!(off(hours), Ok(Verified::by(0)), "{hours}");
    }
    assert_eq!(off(27), Err(Unverified::TooOld));
    assert_eq!(off(-27), Err(Unverified::TooNew));
    let mut changed = request.clone();
    changed.body.pop();
    let much_later = then + TimeDelta::hours(90);
    assert_eq!(
        verified(&endpoint, &changed, much_later),
        Err(Unverified::Mismatch)
    );
}

#[test]
fn a_key_that_is_none_is_named() {
    for key in ["", "demo", "-----BEGIN PUBLIC KEY-----"] {
        let endpoint = Endpoint {
            keys: vec![Key::new(SendGrid.demo_keys().1), Key::new(key)],
            ..Endpoint::default()
        };
        assert_eq!(SendGrid.lacks(&endpoint).unwrap().0, "secret");
    }
}
