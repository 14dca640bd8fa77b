//! Postmark: inbound e-mail and delivery events as JSON, one a request, under basic credentials.

mod attachment;
mod credentials;
mod event;
mod fields;
mod inbound;
#[cfg(feature = "signing")]
mod sign;
#[cfg(test)]
mod tests;

use std::time::Duration;

use mailroom_domain::{Channel, ClaimedEvent, EventKind, Failure, Headers};
use serde_json::{Map, Value};

use crate::{
    Consequence, Delivery, Drift, Endpoint, Incoming, MediaType, Provider, Reading, Refusals, Request, Split,
    Unverified, Verified, read::unreadable,
};

use fields::{Problem, text};

const NAME: &str = "postmark";

/// The adapter.
#[derive(Debug)]
pub(crate) struct Postmark;

impl Provider for Postmark {
    fn name(&self) -> &'static str {
        NAME
    }

    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn media_types(&self) -> &'static [MediaType] {
        &[MediaType::Json]
    }

    fn verify(&self, request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
        credentials::verify(request, &endpoint.keys).map(Verified::by)
    }

    fn split(&self, request: &Request<'_>, endpoint: &str) -> Delivery {
        let mut drift = Drift::default();
        let event = incoming(request.body, endpoint, &mut drift).unwrap_or_else(|problem| {
            let why = (problem.code(), &*problem.to_string());
            Incoming::quarantined(NAME, endpoint, Channel::Email, Headers::new(), request.body, why)
        });
        Delivery::Events(Split {
            events: vec![event],
            drift,
        })
    }

    fn read(&self, event: &ClaimedEvent) -> Result<Reading, Failure> {
        let recorded_at = event.created_at;
        let fields = object(event.payload.as_bytes()).map_err(unreadable)?;
        if event.kind == EventKind::Status {
            event::read(&fields, recorded_at).map(Reading::Status)
        } else {
            inbound::read(&fields, recorded_at).map(Reading::Message)
        }
        .map_err(unreadable)
    }

    fn refusals(&self) -> Refusals {
        Refusals {
            trouble: Consequence::Retried(Duration::from_mins(630)),
            refused: Consequence::Retried(Duration::from_mins(630)),
            stop: Some(403),
            note: "an inbound e-mail is tried again 10 times, 1 min to 6 h apart, after anything but 200 and 403; then \
                   Postmark shows it as an inbound error, from where it can be sent again by hand or API. How long \
                   events are tried again is not published",
        }
    }

    fn load_bearing(&self) -> &'static [&'static str] {
        fields::LOAD_BEARING
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    match crate::json::parse(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Problem::NotAnObject),
    }
}

fn incoming(body: &[u8], endpoint: &str, drift: &mut Drift) -> Result<Incoming, Problem> {
    let fields = object(body)?;
    match text(&fields, "RecordType") {
        Some("Inbound") => inbound::incoming(&fields, body, drift),
        None if inbound::is_inbound(&fields) => inbound::incoming(&fields, body, drift),
        None => Err(Problem::Missing("RecordType")),
        Some(word) => event::incoming(word, &fields, body, endpoint, drift),
    }
}
