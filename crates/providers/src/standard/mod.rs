//! Standard Webhooks (standardwebhooks.com; Svix, Resend, `OpenAI` and others): any JSON, signed over id, time and
//! body with a shared secret or an Ed25519 key pair.

mod fields;
mod keys;
mod message;
mod metadata;
#[cfg(feature = "signing")]
mod sign;
mod signature;
#[cfg(test)]
mod tests;

use std::time::Duration;

use mailroom_domain::{Channel, ClaimedEvent, Failure};

use crate::{
    Consequence, Delivery, Drift, Endpoint, MediaType, Provider, Reading, Refusals, Request, Split,
    Unverified, Verified, read::unreadable,
};

const NAME: &str = "standard";

/// The adapter.
#[derive(Debug)]
pub(crate) struct Standard;

impl Provider for Standard {
    fn name(&self) -> &'static str {
        NAME
    }

    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    fn media_types(&self) -> &'static [MediaType] {
        &[MediaType::Json]
    }

    fn lacks(&self, endpoint: &Endpoint) -> Option<(&'static str, &'static str)> {
        let all_fit = endpoint
            .keys
            .iter()
            .all(|key| keys::VerifyingKey::parse(key).is_some());
        (!all_fit).then_some((
            "secret",
            "each `whsec_` and the base64 of 24 to 64 bytes, or `whpk_` and the base64 of an Ed25519 public key",
        ))
    }

    fn verify(&self, request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
        signature::verify(request, endpoint)
    }

    // What there is in a payload is up to who sends it: no type and no field is news.
    fn split(&self, request: &Request<'_>, endpoint: &str) -> Delivery {
        let event = message::incoming(request, endpoint)
            .unwrap_or_else(|problem| message::quarantined(request, endpoint, problem));
        Delivery::Events(Split {
            events: vec![event],
            drift: Drift::default(),
        })
    }

    fn read(&self, event: &ClaimedEvent) -> Result<Reading, Failure> {
        message::reread(event).map(Reading::Message).map_err(unreadable)
    }

    // 410 is a status of its own here, but no `stop`: it has the whole endpoint disabled, not one event dropped.
    fn refusals(&self) -> Refusals {
        let days = Duration::from_hours(75);
        Refusals {
            trouble: Consequence::Retried(days),
            refused: Consequence::Retried(days),
            stop: None,
            note: "as the specification suggests; each sender keeps its own schedule; 410 has the endpoint disabled, \
                   429, 502 and 504 slow the sender down, and Retry-After is heeded",
        }
    }

    fn load_bearing(&self) -> &'static [&'static str] {
        &["type", "timestamp", "created_at"]
    }
}
