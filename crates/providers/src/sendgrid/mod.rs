//! SendGrid: delivery events in arrays as JSON, and e-mails by Inbound Parse as multipart forms; both signed with a
//! key pair of SendGrid's.

mod event;
mod fields;
mod form;
mod mail;
#[cfg(feature = "signing")]
mod sign;
mod signature;
mod status;
#[cfg(test)]
mod tests;

use std::time::Duration;

use mailroom_domain::{Channel, ClaimedEvent, EventKind, Failure, Headers};

use crate::{
    Consequence, Delivery, Drift, Endpoint, Incoming, MediaType, ONE_BATCH, Provider, Reading, Refusals,
    Request, Split, Unverified, Verified, read::unreadable, verdict,
};

use fields::Problem;

const NAME: &str = "sendgrid";

/// Events are delivered again for 24 hours, and whether they are signed anew then is not published: a shorter time
/// would refuse what had waited. What keeps a copied request from counting twice is the event's own id.
const TOLERANCE: Duration = Duration::from_hours(26);

/// The adapter.
#[derive(Debug)]
pub(crate) struct SendGrid;

impl Provider for SendGrid {
    fn name(&self) -> &'static str {
        NAME
    }

    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn media_types(&self) -> &'static [MediaType] {
        &[MediaType::Json, MediaType::Multipart, MediaType::Form]
    }

    fn body_limit(&self) -> usize {
        ONE_BATCH
    }

    fn lacks(&self, endpoint: &Endpoint) -> Option<(&'static str, &'static str)> {
        let expected = "the public key as SendGrid shows it: base64 of a P-256 key, beginning with MFkw";
        let all_parse = endpoint.keys.iter().all(|key| signature::point(key).is_some());
        (!all_parse).then_some(("secret", expected))
    }

    // Inbound Parse is signed only under a security policy at SendGrid. Without one it is refused: what anybody can
    // send is not from SendGrid.
    fn verify(&self, request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
        let header = |name| request.headers.get(name).ok_or(Unverified::Missing);
        let (key, signed_at) = signature::verify(
            &endpoint.keys,
            header(signature::TIMESTAMP)?,
            request.body,
            header(signature::SIGNATURE)?,
        )?;
        verdict::timely(signed_at, request.now, endpoint, TOLERANCE)?;
        Ok(Verified::by(key))
    }

    fn split(&self, request: &Request<'_>, endpoint: &str) -> Delivery {
        let mut drift = Drift::default();
        let form = request
            .headers
            .get("content-type")
            .filter(|given| form::is_form(given));
        let events = match form {
            Some(content_type) => vec![form::posted(content_type, request.body, endpoint, &mut drift)],
            None => event::split(request.body, endpoint, &mut drift),
        };
        Delivery::Events(Split { events, drift })
    }

    fn read(&self, event: &ClaimedEvent) -> Result<Reading, Failure> {
        let payload = event.payload.as_bytes();
        if event.kind == EventKind::Status {
            event::kept(payload)
                .and_then(|kept| status::read(&kept, event.created_at))
                .map(Reading::Status)
        } else {
            mail::read(payload, event.created_at).map(Reading::Message)
        }
        .map_err(unreadable)
    }

    fn refusals(&self) -> Refusals {
        Refusals {
            trouble: Consequence::Retried(Duration::from_hours(24)),
            refused: Consequence::Retried(Duration::from_hours(24)),
            stop: None,
            note: "events are tried again at growing intervals after anything but 2xx; Inbound Parse only after 5xx, \
                   for 3 days, then the e-mail is dropped without notice; redirects are not followed",
        }
    }

    fn load_bearing(&self) -> &'static [&'static str] {
        fields::LOAD_BEARING
    }
}

fn quarantined(endpoint: &str, headers: Headers, received: &[u8], problem: Problem) -> Incoming {
    let why = (problem.code(), problem.to_string());
    Incoming::quarantined(NAME, endpoint, Channel::Email, headers, received, (why.0, &why.1))
}
