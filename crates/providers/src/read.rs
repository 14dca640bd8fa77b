//! Reading an event into what it means, whoever delivered it.

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, ClaimedEvent, ErrorCode, EventKind, Failure, IncomingMessage};

use crate::{Delivery, Reading, Request, direct, provider_named};

/// Reads a claimed event. Pure: the same event always reads the same.
///
/// # Errors
/// [`Failure`], always permanent: an event that cannot be read now can only be read by another release.
pub fn read(event: &ClaimedEvent) -> Result<Reading, Failure> {
    if event.kind == EventKind::Notice {
        return Ok(Reading::Notice);
    }
    if event.provider == direct::NAME {
        return direct(event).map(Reading::Message);
    }
    let provider = provider_named(&event.provider)
        .ok_or_else(|| unsupported("this release does not know the provider"))?;
    if event.kind == EventKind::Quarantined {
        split_again(provider, event)
    } else {
        provider.read(event)
    }
}

fn direct(event: &ClaimedEvent) -> Result<IncomingMessage, Failure> {
    if event.kind != EventKind::Message {
        return Err(unsupported("direct senders send messages only"));
    }
    let parse = match event.channel {
        Channel::Email => direct::email::parse,
        _ => direct::sms::parse,
    };
    parse(event.payload.as_bytes())
        .map(|read| read.message)
        .map_err(unreadable)
}

/// What an earlier release could not split, this one may.
fn split_again(provider: &dyn crate::Provider, event: &ClaimedEvent) -> Result<Reading, Failure> {
    let headers = event
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    let now: DateTime<Utc> = event.created_at;
    let request = Request {
        is_get: false,
        query: "",
        headers: headers.collect(),
        body: event.payload.as_bytes(),
        certificate: None,
        now,
    };
    match provider.split(&request, &event.endpoint) {
        Delivery::Events(split) => match split.events.iter().find_map(|event| event.quarantine.clone()) {
            Some(still) => Err(still),
            None => Ok(Reading::Events(split.events)),
        },
        Delivery::Handshake(_) | Delivery::Confirm(_) => Ok(Reading::Notice),
    }
}

/// A failure for what is not in its provider's format.
pub(crate) fn unreadable(cause: impl std::fmt::Display) -> Failure {
    Failure {
        code: ErrorCode::Unreadable,
        cause: cause.to_string(),
    }
}

/// A failure for what this release has no reading of.
pub(crate) fn unsupported(cause: &str) -> Failure {
    Failure {
        code: ErrorCode::Unsupported,
        cause: cause.to_owned(),
    }
}
