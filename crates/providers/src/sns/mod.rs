//! Amazon SNS: notifications of pinned topics, and what Amazon SES tells through them; signed by RSA with a
//! certificate that is fetched from SNS or pinned.

mod certificate;
mod envelope;
#[cfg(test)]
mod genuine;
mod mail_event;
mod notification;
mod place;
#[cfg(feature = "signing")]
mod sign;
mod signature;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod verifying;

use std::time::Duration;

use mailroom_domain::{Channel, ClaimedEvent, EventKind, Failure, Headers};

use self::{
    certificate::Certificate,
    envelope::{Envelope, KNOWN, LOAD_BEARING, Problem},
    mail_event::MailEvent,
    place::Place,
};
use crate::{
    Consequence, Delivery, Drift, Endpoint, Incoming, MediaType, Provider, Reading, Refusals, Request, Split,
    Unverified, Verified, read::unreadable,
};

const NAME: &str = "sns";

/// The adapter.
#[derive(Debug)]
pub(crate) struct Sns;

impl Provider for Sns {
    fn name(&self) -> &'static str {
        NAME
    }

    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    // JSON as `text/plain`, unless the subscription's delivery policy says otherwise.
    fn media_types(&self) -> &'static [MediaType] {
        &[MediaType::Text, MediaType::Json]
    }

    // It is signed with a certificate that it names itself.
    fn needs_key(&self) -> bool {
        false
    }

    fn channels(&self) -> Vec<Channel> {
        vec![Channel::Webhook, Channel::Email]
    }

    fn lacks(&self, endpoint: &Endpoint) -> Option<(&'static str, &'static str)> {
        let is_certificate = |pem: &String| Certificate::read(pem.as_bytes()).is_ok();
        if endpoint.topics.is_empty() || !endpoint.topics.iter().all(|arn| arn.starts_with("arn:")) {
            Some(("topics", "the ARN(s) of the topics that may send here"))
        } else if !endpoint.certificate.iter().all(is_certificate) {
            Some(("certificate", "an X.509 certificate (v3) in PEM"))
        } else {
            None
        }
    }

    fn certificate_url(&self, request: &Request<'_>, endpoint: &Endpoint) -> Option<String> {
        let envelope = Envelope::parse(request.body).ok()?;
        let place = Place::parse(envelope.text("SigningCertURL").ok()?)?;
        // What would be refused all the same is not fetched for: another topic, a certificate of another region.
        let topic = envelope.text("TopicArn").ok()?;
        if endpoint.certificate.is_some() || !endpoint.topics.iter().any(|arn| arn == topic) {
            return None;
        }
        place
            .certificate()
            .filter(|_| place::region_of_topic(topic) == Some(place.region()))
    }

    // The key is the certificate's, so the endpoint's own are not asked.
    fn verify(&self, request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
        signature::verify(request, endpoint).map(|()| Verified::by(0))
    }

    fn split(&self, request: &Request<'_>, endpoint: &str) -> Delivery {
        let mut drift = Drift::default();
        let envelope = Envelope::parse(request.body);
        let sorted = envelope.as_ref().map_err(|problem| *problem);
        let event = match sorted.and_then(|envelope| sort(envelope, endpoint, &mut drift)) {
            Ok(Sorted::Confirm(url)) => return Delivery::Confirm(url),
            Ok(Sorted::Event(event)) => event,
            Err(problem) => {
                let kept = envelope.map_or_else(|_| request.body.to_vec(), |envelope| envelope.kept());
                let why = (problem.code(), &*problem.to_string());
                Incoming::quarantined(NAME, endpoint, Channel::Webhook, Headers::new(), &kept, why)
            }
        };
        let events = vec![event];
        Delivery::Events(Split { events, drift })
    }

    fn read(&self, event: &ClaimedEvent) -> Result<Reading, Failure> {
        let read = |envelope: Envelope| {
            if event.kind == EventKind::Status {
                mail_event::read(&envelope, event.created_at).map(Reading::Status)
            } else {
                notification::read(&envelope, &event.endpoint, event.created_at).map(Reading::Message)
            }
        };
        Envelope::parse(event.payload.as_bytes())
            .and_then(read)
            .map_err(unreadable)
    }

    fn refusals(&self) -> Refusals {
        Refusals {
            trouble: Consequence::Retried(Duration::from_mins(1)),
            refused: Consequence::Dropped,
            stop: None,
            note: "3 retries 20 s apart unless the delivery policy says otherwise (up to 3,600 s in all); attach a \
                   dead-letter queue to the subscription: all that is dropped goes there. Leave raw message delivery \
                   off, since it is not signed. Messages have up to 256 KB, and characters escaped in JSON may take \
                   them over the limit of one event",
        }
    }

    fn load_bearing(&self) -> &'static [&'static str] {
        LOAD_BEARING
    }
}

/// What a verified envelope turned out to be.
enum Sorted {
    Confirm(String),
    Event(Incoming),
}

fn sort(envelope: &Envelope, endpoint: &str, drift: &mut Drift) -> Result<Sorted, Problem> {
    drift.note(envelope.fields(), KNOWN);
    match envelope.text("Type")? {
        "Notification" => match MailEvent::parse(envelope.text("Message")?) {
            Some(event) => event.incoming(envelope, endpoint, drift),
            None => notification::incoming(envelope, endpoint),
        },
        "UnsubscribeConfirmation" => notification::written(envelope, endpoint),
        "SubscriptionConfirmation" => {
            let place = Place::parse(envelope.text("SubscribeURL")?).ok_or(Problem::BadLink)?;
            let url = place.confirmation(envelope.text("TopicArn")?);
            return url.map(Sorted::Confirm).ok_or(Problem::BadLink);
        }
        other => {
            drift.types.push(other.to_owned());
            Err(Problem::UnknownType)
        }
    }
    .map(Sorted::Event)
}
