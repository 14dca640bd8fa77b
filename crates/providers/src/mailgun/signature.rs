//! Mailgun's signature: hex HMAC-SHA256 over timestamp and token, which stand in the body beside it. What else is in
//! the body is not covered.

use std::time::Duration;

use chrono::DateTime;
use serde_json::Value;

use super::{Body, SIGNED, body, event, media_type};
use crate::{
    Endpoint, MediaType, Once, Request, Unverified, Verified,
    incoming::hash,
    multipart::{Fields, Parts},
    signature,
    verdict::timely,
};

/// Retries run for 8 hours, and whether each is signed anew is not published. What keeps an old signature from being
/// used for something else is that its token may come with one content only; this only bounds for how long tokens have
/// to be remembered.
const TOLERANCE: Duration = Duration::from_hours(12);

/// The three fields; empty where they are not there.
#[derive(Debug, Default, PartialEq, Eq)]
struct Signed {
    timestamp: String,
    token: String,
    signature: String,
}

pub(super) fn verify(request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
    let signed = find(request);
    let claimed = signature::hex(&signed.signature);
    let key = signature::hmac_sha256(
        signature::bytes(&endpoint.keys),
        &[signed.timestamp.as_bytes(), signed.token.as_bytes()],
        // What is no hex is compared as an empty signature, which no HMAC equals.
        claimed.as_deref().unwrap_or_default(),
    );
    let fields = [&signed.timestamp, &signed.token, &signed.signature];
    if fields.iter().any(|field| field.is_empty()) {
        return Err(Unverified::Missing);
    }
    claimed?;
    let key = key?;
    // Timestamp and token are signed as one text, but a digit moved from one to the other makes a time far from now.
    let seconds = signed.timestamp.parse().ok();
    let at = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    timely(at.ok_or(Unverified::Malformed)?, request.now, endpoint, TOLERANCE)?;
    Ok(Verified {
        key,
        once: Some(Once {
            token: hash(signed.token.as_bytes()),
            content: content(request),
        }),
    })
}

fn find(request: &Request<'_>) -> Signed {
    let content_type = request.headers.get("content-type").unwrap_or_default();
    let fields = match media_type(content_type) {
        // More parts than a form may have, or a broken one after these, and it is put aside rather than refused.
        MediaType::Multipart => {
            let parts = Parts::new(content_type, request.body).into_iter().flatten();
            let whole = parts.map_while(Result::ok);
            Fields::of(
                whole
                    .filter(|part| SIGNED.contains(&part.name.as_str()))
                    .collect(),
            )
        }
        MediaType::Form => Fields::urlencoded(request.body),
        MediaType::Json | MediaType::Text => {
            let json: Value = serde_json::from_slice(request.body).unwrap_or_default();
            let text = |name| json["signature"][name].as_str().unwrap_or_default().to_owned();
            return Signed {
                timestamp: text("timestamp"),
                token: text("token"),
                signature: text("signature"),
            };
        }
    };
    let text = |name| fields.get(name).unwrap_or_default().to_owned();
    Signed {
        timestamp: text("timestamp"),
        token: text("token"),
        signature: text("signature"),
    }
}

/// SHA-256 of what the token came with: the same for the same fields, however they are encoded and signed.
fn content(request: &Request<'_>) -> [u8; 32] {
    match body(request) {
        Some(Body::Form(form)) => hash(form.without(SIGNED).to_json().as_bytes()),
        Some(Body::Event(event)) => hash(event::kept(&event).as_bytes()),
        None => hash(request.body),
    }
}
