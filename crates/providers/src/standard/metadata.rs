//! The headers of Standard Webhooks, under their own names or Svix's.

use chrono::{DateTime, Utc};

use crate::{Request, incoming::fit};

/// The header with the message's id, as it is kept.
pub(super) const ID: &str = "webhook-id";
/// The header with the time of this attempt, as it is kept.
pub(super) const TIMESTAMP: &str = "webhook-timestamp";

/// What stands around a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Metadata<'a> {
    pub(super) id: &'a str,
    pub(super) timestamp: &'a str,
}

/// Id, time and signatures, all three under the same kind of name: those of one kind alone are not to be mixed with the
/// other's, of which nothing may be signed.
pub(super) fn signed<'a>(request: &Request<'a>) -> Option<(Metadata<'a>, &'a str)> {
    let get = |name| request.headers.get(name);
    let of = |id, timestamp, signature| {
        let metadata = Metadata {
            id: get(id)?,
            timestamp: get(timestamp)?,
        };
        Some((metadata, get(signature)?))
    };
    of(ID, TIMESTAMP, "webhook-signature").or_else(|| of("svix-id", "svix-timestamp", "svix-signature"))
}

/// Id and time of a request that was verified, or of what was kept of one.
pub(super) fn verified<'a>(request: &Request<'a>) -> Option<Metadata<'a>> {
    let kept = || {
        Some(Metadata {
            id: request.headers.get(ID)?,
            timestamp: request.headers.get(TIMESTAMP)?,
        })
    };
    let metadata = signed(request).map(|(metadata, _)| metadata).or_else(kept)?;
    fit(metadata.id).map(|_| metadata)
}

/// Seconds since 1970, in digits only.
pub(super) fn time(timestamp: &str) -> Option<DateTime<Utc>> {
    let digits = (1..=10).contains(&timestamp.len()) && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = timestamp.parse().ok().filter(|_| digits)?;
    DateTime::from_timestamp(seconds, 0)
}
