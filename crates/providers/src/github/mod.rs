//! GitHub: every event as one JSON object, bare or in a form's `payload`, signed over the body; what event it is stands
//! in a header.

mod delivery;
mod events;
mod fields;
mod known;
mod message;
mod said;
#[cfg(feature = "signing")]
mod sign;
mod signature;
#[cfg(test)]
mod tests;
mod time;

use mailroom_domain::{Channel, ClaimedEvent, Failure};

use crate::{
    Consequence, Delivery, Drift, Endpoint, MediaType, Provider, Reading, Refusals, Request, Split,
    Unverified, Verified, read::unreadable,
};

const NAME: &str = "github";

/// The adapter.
#[derive(Debug)]
pub(crate) struct GitHub;

impl Provider for GitHub {
    fn name(&self) -> &'static str {
        NAME
    }

    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    fn media_types(&self) -> &'static [MediaType] {
        &[MediaType::Json, MediaType::Form]
    }

    fn verify(&self, request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
        signature::verify(request, endpoint)
    }

    fn split(&self, request: &Request<'_>, endpoint: &str) -> Delivery {
        // Which event it is, is not signed: only what looks like a ping is answered and forgotten.
        if request.headers.get(delivery::EVENT) == Some("ping") && delivery::is_ping(request) {
            return Delivery::Handshake(self.answer());
        }
        let mut drift = Drift::default();
        let event = delivery::incoming(request, endpoint, &mut drift)
            .unwrap_or_else(|problem| delivery::quarantined(request, endpoint, problem));
        Delivery::Events(Split {
            events: vec![event],
            drift,
        })
    }

    fn read(&self, event: &ClaimedEvent) -> Result<Reading, Failure> {
        delivery::read(event).map(Reading::Message).map_err(unreadable)
    }

    fn refusals(&self) -> Refusals {
        Refusals {
            trouble: Consequence::Dropped,
            refused: Consequence::Dropped,
            stop: None,
            note: "nothing comes again by itself: for 3 days deliveries can be listed and sent again, by hand or by \
                   GitHub's API, with the same id; it sends up to 25 MB, and what is over 256 KB is refused with 413",
        }
    }

    fn load_bearing(&self) -> &'static [&'static str] {
        known::LOAD_BEARING
    }
}
