//! Mailgun: inbound mail as forms (parsed, or raw MIME), and events as JSON. Signed is only a token, not what comes
//! with it.

mod event;
mod fields;
mod message;
#[cfg(feature = "signing")]
mod sign;
mod signature;
#[cfg(test)]
mod tests;

use mailroom_domain::{Channel, ClaimedEvent, ErrorCode, EventKind, Failure, Headers};
use serde_json::Value;

use self::fields::Problem;
use crate::{
    Consequence, Delivery, Drift, Endpoint, Incoming, MediaType, Provider, Reading, Refusals, Request, Split,
    Unverified, Verified,
    multipart::{self, Fields, MOST_PARTS},
    read::unreadable,
};

const NAME: &str = "mailgun";
/// Fields that are new with each delivery.
const SIGNED: &[&str] = &["timestamp", "token", "signature"];

/// The adapter.
#[derive(Debug)]
pub(crate) struct Mailgun;

impl Provider for Mailgun {
    fn name(&self) -> &'static str {
        NAME
    }

    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn media_types(&self) -> &'static [MediaType] {
        &[MediaType::Form, MediaType::Multipart, MediaType::Json]
    }

    fn verify(&self, request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
        signature::verify(request, endpoint)
    }

    fn split(&self, request: &Request<'_>, endpoint: &str) -> Delivery {
        let mut drift = Drift::default();
        let incoming = match body(request) {
            Some(Body::Form(form)) => {
                message::incoming(&form, endpoint, &mut drift).unwrap_or_else(|problem| {
                    quarantined(endpoint, form.without(SIGNED).to_json().as_bytes(), problem)
                })
            }
            Some(Body::Event(event)) => event::incoming(&event, endpoint, &mut drift)
                .unwrap_or_else(|problem| quarantined(endpoint, event::kept(&event).as_bytes(), problem)),
            None => Incoming::quarantined(
                NAME,
                endpoint,
                Channel::Email,
                headers(request),
                request.body,
                (ErrorCode::Unreadable, "neither a form nor an event"),
            ),
        };
        Delivery::Events(Split {
            events: vec![incoming],
            drift,
        })
    }

    fn read(&self, event: &ClaimedEvent) -> Result<Reading, Failure> {
        let kept = event.payload.as_bytes();
        if event.kind == EventKind::Status {
            let kept: Value = serde_json::from_slice(kept).map_err(|_| unreadable("not JSON"))?;
            event::read(&kept, event.created_at).map(Reading::Status)
        } else {
            let form = Fields::from_json(kept).ok_or_else(|| unreadable("not a kept form"))?;
            message::read(&form, event.created_at).map(Reading::Message)
        }
        .map_err(unreadable)
    }

    fn refusals(&self) -> Refusals {
        let hours = |hours: u64| std::time::Duration::from_secs(hours * 3600);
        Refusals {
            trouble: Consequence::Retried(hours(8)),
            refused: Consequence::Retried(hours(8)),
            stop: Some(406),
            note: "routes are tried again after 10, 15, 30 min, 1, 2, 4 h, events after 5, 10, 15 min, 1, 2, 4 h; the \
                   `delivered` event is sent once only",
        }
    }

    fn load_bearing(&self) -> &'static [&'static str] {
        fields::LOAD_BEARING
    }
}

/// What a request holds, in whichever of its encodings.
enum Body {
    /// An inbound mail.
    Form(Fields),
    /// An event: an object with `event-data`.
    Event(Value),
}

/// A body, as received or as kept (JSON in either case).
fn body(request: &Request<'_>) -> Option<Body> {
    let content_type = request.headers.get("content-type").unwrap_or_default();
    match media_type(content_type) {
        MediaType::Multipart => {
            let parts = multipart::decode(content_type, request.body)?;
            Some(Body::Form(Fields::of(parts)))
        }
        MediaType::Form => Some(Body::Form(Fields::urlencoded(request.body))),
        MediaType::Json | MediaType::Text => {
            let json: Value = serde_json::from_slice(request.body).ok()?;
            if json.get("event-data").is_some() {
                Some(Body::Event(json))
            } else {
                Fields::from_value(json).map(Body::Form)
            }
        }
    }
    .filter(|body| !matches!(body, Body::Form(form) if form.len() > MOST_PARTS))
}

/// Which of Mailgun's encodings it is; what is kept says nothing and is JSON.
fn media_type(content_type: &str) -> MediaType {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("multipart/form-data") {
        MediaType::Multipart
    } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        MediaType::Form
    } else {
        MediaType::Json
    }
}

/// By these a body that was put aside is known for a form.
fn headers(request: &Request<'_>) -> Headers {
    let content_type = request.headers.get("content-type");
    content_type
        .map(|content_type| ("content-type".to_owned(), content_type.to_owned()))
        .into_iter()
        .collect()
}

/// Put aside without what is signed anew for each delivery, so that it is put aside once.
fn quarantined(endpoint: &str, kept: &[u8], problem: Problem) -> Incoming {
    let why = (problem.code(), &*problem.to_string());
    Incoming::quarantined(NAME, endpoint, Channel::Email, Headers::new(), kept, why)
}
