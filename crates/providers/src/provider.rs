//! The one trait behind which each provider's ways are kept.

use mailroom_domain::{Channel, ClaimedEvent, Failure, IncomingMessage, StatusChange};

use crate::{Endpoint, Incoming, Refusals, Request, Unverified, Verified};

/// A provider: how it signs, what it sends, what it expects.
///
/// A request goes [`verify`](Self::verify) -> [`split`](Self::split) -> (recorded, claimed) -> [`read`](Self::read).
/// All of it is pure: no I/O, no clock, the same input gives the same output, and no bytes make it panic.
pub trait Provider: Sync + std::fmt::Debug {
    /// Its name in URLs, settings, events and metrics.
    fn name(&self) -> &'static str;

    /// The channel of what cannot be understood.
    fn channel(&self) -> Channel;

    /// Every channel that its events come by.
    fn channels(&self) -> Vec<Channel> {
        vec![self.channel()]
    }

    /// The media types in which it posts.
    fn media_types(&self) -> &'static [MediaType];

    /// Whether it also asks with GET (to see whether somebody is there).
    fn asks_by_get(&self) -> bool {
        false
    }

    /// The largest body taken unless the endpoint says otherwise, in bytes.
    fn body_limit(&self) -> usize {
        ONE_EVENT
    }

    /// Whether an endpoint needs a key: Amazon SNS alone signs with a certificate that it names itself.
    fn needs_key(&self) -> bool {
        true
    }

    /// What an endpoint's settings lack, as the name of the setting and what it should be; `None` when they will do.
    fn lacks(&self, _endpoint: &Endpoint) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Where the certificate stands that this request says it is signed with, if it is one of the provider's own
    /// places; the caller fetches it and puts it into the request.
    fn certificate_url(&self, _request: &Request<'_>, _endpoint: &Endpoint) -> Option<String> {
        None
    }

    /// Whether these bytes come from who knows one of the endpoint's keys. All keys are tried and compared in
    /// constant time, whatever is wrong.
    ///
    /// # Errors
    /// [`Unverified`] says why not, for the operator; whoever sent it gets the same answer for every cause.
    fn verify(&self, request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified>;

    /// What a verified request holds. What is not understood comes out as a quarantined event, so that nothing
    /// verified is ever lost.
    fn split(&self, request: &Request<'_>, endpoint: &str) -> Delivery;

    /// What an event that [`split`](Self::split) made means.
    ///
    /// # Errors
    /// [`Failure`], always permanent: what cannot be read now can only be read by another release.
    fn read(&self, event: &ClaimedEvent) -> Result<Reading, Failure>;

    /// What it takes for "received".
    fn answer(&self) -> Reply {
        Reply::json(r#"{"status":"accepted"}"#)
    }

    /// What being refused leads to.
    fn refusals(&self) -> Refusals;

    /// Names of fields that identity, order and conversations rest on: redaction leaves them alone unless it is told
    /// to by name.
    fn load_bearing(&self) -> &'static [&'static str];
}

/// The most bytes that one event's payload may have (design: `inbound_events.payload`).
pub const ONE_EVENT: usize = 262_144;

/// The most bytes that a request with many events may have.
pub const ONE_BATCH: usize = 4 << 20;
/// More events than any provider puts into one request.
pub const MOST_EVENTS: usize = 5_000;

/// A form in which a body may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`
    Multipart,
    /// `text/plain`
    Text,
}

/// What a verified request turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Nothing to record: it asks whether somebody is there, and gets this reply.
    Handshake(Reply),
    /// Nothing to record: it wants this URL to be fetched before it sends anything.
    Confirm(String),
    /// Events, each with what to record of it.
    Events(Split),
}

/// The events of one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// In the order in which the request has them.
    pub events: Vec<Incoming>,
    /// What in it was new to this release.
    pub drift: Drift,
}

/// How far a request's shape has drifted from what this release knows. None of it keeps it from being read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drift {
    /// Names of fields that are not known.
    pub fields: Vec<String>,
    /// Names of event types that are not known.
    pub types: Vec<String>,
}

impl Drift {
    /// Notes the fields of a JSON object that are not among the known ones.
    pub(crate) fn note(&mut self, object: &serde_json::Map<String, serde_json::Value>, known: &[&str]) {
        let unknown = object.keys().filter(|name| !known.contains(&name.as_str()));
        self.fields.extend(unknown.cloned());
    }
}

/// What an event means.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly all of them are messages")]
pub enum Reading {
    /// A message came in.
    Message(IncomingMessage),
    /// An earlier message got further.
    Status(StatusChange),
    /// Nothing that changes a conversation.
    Notice,
    /// A quarantined request that this release understands: these events are to be recorded instead of it.
    Events(Vec<Incoming>),
}

/// An answer to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Its media type.
    pub content_type: &'static str,
    /// Its body.
    pub body: String,
}

impl Reply {
    /// A JSON answer.
    pub fn json(body: &str) -> Self {
        Self {
            content_type: "application/json",
            body: body.to_owned(),
        }
    }

    /// A plain text answer.
    pub fn text(body: String) -> Self {
        Self {
            content_type: "text/plain; charset=utf-8",
            body,
        }
    }
}
