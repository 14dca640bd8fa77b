//! Meta's WhatsApp Cloud API: batches of messages and statuses as JSON, signed over the raw body; asks by GET whether
//! somebody is there.

mod content;
mod envelope;
mod fields;
mod handshake;
mod message;
mod notice;
#[cfg(feature = "signing")]
mod sign;
mod signature;
mod split;
mod status;
#[cfg(test)]
mod tests;

use std::time::Duration;

use mailroom_domain::{Channel, ClaimedEvent, EventKind, Failure};

use crate::{
    Consequence, Delivery, Drift, Endpoint, MediaType, ONE_BATCH, Provider, Reading, Refusals, Request,
    Split, Unverified, Verified, read::unreadable,
};

const NAME: &str = "whatsapp";

/// The adapter.
#[derive(Debug)]
pub(crate) struct Whatsapp;

impl Provider for Whatsapp {
    fn name(&self) -> &'static str {
        NAME
    }

    fn channel(&self) -> Channel {
        Channel::Whatsapp
    }

    fn media_types(&self) -> &'static [MediaType] {
        &[MediaType::Json]
    }

    fn asks_by_get(&self) -> bool {
        true
    }

    fn body_limit(&self) -> usize {
        ONE_BATCH
    }

    fn lacks(&self, endpoint: &Endpoint) -> Option<(&'static str, &'static str)> {
        let lacking = endpoint
            .verify_token
            .as_ref()
            .is_none_or(|token| token.expose().is_empty());
        lacking.then_some((
            "verify_token",
            "what Meta is to show as hub.verify_token when it asks",
        ))
    }

    fn verify(&self, request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
        if request.is_get {
            handshake::verify(request.query, endpoint.verify_token.as_ref())
        } else {
            let claimed = request.headers.get("x-hub-signature-256");
            signature::verify(&endpoint.keys, request.body, claimed)
        }
        .map(Verified::by)
    }

    fn split(&self, request: &Request<'_>, endpoint: &str) -> Delivery {
        if request.is_get {
            return Delivery::Handshake(handshake::reply(request.query));
        }
        let mut drift = Drift::default();
        let events = split::split(request.body, endpoint, &mut drift);
        Delivery::Events(Split { events, drift })
    }

    fn read(&self, event: &ClaimedEvent) -> Result<Reading, Failure> {
        let kept: serde_json::Value =
            serde_json::from_slice(event.payload.as_bytes()).map_err(|_| unreadable("not JSON"))?;
        if event.kind == EventKind::Status {
            envelope::Item::of(&kept, "statuses")
                .and_then(|item| status::read(&item))
                .map(Reading::Status)
        } else {
            envelope::Item::of(&kept, "messages")
                .and_then(|item| message::read(&item))
                .map(Reading::Message)
        }
        .map_err(unreadable)
    }

    fn refusals(&self) -> Refusals {
        let week = Consequence::Retried(Duration::from_hours(7 * 24));
        Refusals {
            trouble: week,
            refused: week,
            stop: None,
            note: "a refused request comes again whole, with everything it holds, less and less often; nothing is \
                   promised about order",
        }
    }

    fn load_bearing(&self) -> &'static [&'static str] {
        fields::LOAD_BEARING
    }
}
