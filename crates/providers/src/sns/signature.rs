//! Amazon SNS's signature: RSA over names and values of fields, a line each, in byte order of the names.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{
    certificate::Certificate,
    envelope::Envelope,
    place::{Place, region_of_topic},
};
use crate::{Endpoint, Request, Unverified, verdict::timely};

/// SNS delivers again for up to an hour with the time at which a message was first published, and a queue of theirs
/// may hold it up before that.
const TOLERANCE: Duration = Duration::from_hours(2);

/// docs.aws.amazon.com/sns, "Verifying the signatures of Amazon SNS messages".
const OF_NOTIFICATIONS: &[&str] = &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];

/// The same for confirmations.
const OF_CONFIRMATIONS: &[&str] = &[
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
];

/// Everything that has ever been signed, for types that are not known yet.
const OF_OTHERS: &[&str] = &[
    "Message",
    "MessageId",
    "Subject",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
];

/// Whether SNS signed this, lately, for one of the endpoint's topics.
pub(super) fn verify(request: &Request<'_>, endpoint: &Endpoint) -> Result<(), Unverified> {
    // Without envelope it is "raw message delivery", which SNS does not sign.
    let envelope = Envelope::parse(request.body).map_err(|_| Unverified::Missing)?;
    let signature = envelope.text("Signature").map_err(|_| Unverified::Missing)?;
    let signature = BASE64_STANDARD
        .decode(signature)
        .map_err(|_| Unverified::Malformed)?;
    let version = envelope.version().ok_or(Unverified::Malformed)?;
    let text = signed_text(&envelope).ok_or(Unverified::Malformed)?;
    let (certificate, region) = certificate(&envelope, request, endpoint)?;
    certificate
        .valid(request.now)?
        .signed(version, &text, &signature)?;
    let topic = envelope.text("TopicArn").map_err(|_| Unverified::NotForUs)?;
    let is_ours = endpoint.topics.iter().any(|ours| ours == topic);
    let is_regions_own = region.is_none_or(|region| region_of_topic(topic) == Some(region));
    if !is_ours || !is_regions_own {
        return Err(Unverified::NotForUs);
    }
    let signed_at = envelope.timestamp().ok_or(Unverified::Malformed)?;
    timely(signed_at, request.now, endpoint, TOLERANCE)
}

/// The pinned certificate, or the fetched one and the region it is of.
fn certificate<'a>(
    envelope: &'a Envelope,
    request: &Request<'_>,
    endpoint: &Endpoint,
) -> Result<(Certificate, Option<&'a str>), Unverified> {
    if let Some(pinned) = &endpoint.certificate {
        return Ok((Certificate::read(pinned.as_bytes())?, None));
    }
    let place = envelope.text("SigningCertURL").ok().and_then(Place::parse);
    let place = place
        .filter(|place| place.certificate().is_some())
        .ok_or(Unverified::NoCertificate)?;
    let fetched = Certificate::read(request.certificate.ok_or(Unverified::NoCertificate)?)?;
    fetched.made_out_for(&place.names())?;
    Ok((fetched, Some(place.region())))
}

/// What is signed of an envelope; `None` when a field is no text, or holds a line end where none can be: such a field
/// could pass for two, and a text that was signed once for another message.
pub(super) fn signed_text(envelope: &Envelope) -> Option<String> {
    let names = match envelope.text("Type").ok()? {
        "Notification" => OF_NOTIFICATIONS,
        "SubscriptionConfirmation" | "UnsubscribeConfirmation" => OF_CONFIRMATIONS,
        _ => OF_OTHERS,
    };
    let mut text = String::new();
    for &name in names {
        match envelope.fields().get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(value)) => {
                let line = match name {
                    "Message" => "",
                    "Subject" => value.trim_end_matches('\n'),
                    _ => value,
                };
                if line.contains('\n') {
                    return None;
                }
                for part in [name, "\n", value, "\n"] {
                    text.push_str(part);
                }
            }
            Some(_) => return None,
        }
    }
    Some(text)
}
