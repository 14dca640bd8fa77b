//! Slack: the Events API as JSON, slash commands and interactivity as forms, all signed over time and body.

mod command;
mod event;
mod fields;
mod interaction;
mod known;
mod message;
#[cfg(feature = "signing")]
mod sign;
mod signature;
#[cfg(test)]
mod tests;
mod types;

use std::{borrow::Cow, time::Duration};

use mailroom_domain::{Channel, ClaimedEvent, Failure, Headers};
use serde_json::Value;

use fields::{Problem, object, text};

use crate::{
    Consequence, Delivery, Drift, Endpoint, Incoming, MediaType, Provider, Reading, Refusals, Reply, Request,
    Split, Unverified, Verified,
    form::{FORM, Form, is_form},
    read::unreadable,
};

const NAME: &str = "slack";
/// More fields than this are no request of Slack's.
const MOST_FIELDS: usize = 1_000;

/// The adapter.
#[derive(Debug)]
pub(crate) struct Slack;

impl Provider for Slack {
    fn name(&self) -> &'static str {
        NAME
    }

    fn channel(&self) -> Channel {
        Channel::Slack
    }

    fn media_types(&self) -> &'static [MediaType] {
        &[MediaType::Json, MediaType::Form]
    }

    fn verify(&self, request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
        signature::verify(request, endpoint)
    }

    fn split(&self, request: &Request<'_>, endpoint: &str) -> Delivery {
        let mut drift = Drift::default();
        let held = json(request).and_then(|kept| held(&kept, endpoint, &mut drift));
        let event = match held {
            Ok(Held::Question(reply)) => return Delivery::Handshake(reply),
            Ok(Held::Event(event)) => event,
            Err(problem) => quarantined(request, endpoint, problem),
        };
        Delivery::Events(Split {
            events: vec![event],
            drift,
        })
    }

    fn read(&self, event: &ClaimedEvent) -> Result<Reading, Failure> {
        let kept: Value =
            crate::json::parse(event.payload.as_bytes()).map_err(|_| unreadable(Problem::NotJson))?;
        let fields = object(&kept).map_err(unreadable)?;
        if text(fields, "type").is_some() {
            event::read(fields)
        } else {
            command::read(fields, event.created_at)
        }
        .map(Reading::Message)
        .map_err(unreadable)
    }

    // What answers a slash command is shown to who gave it, and what answers a form must be empty or say what to do
    // with it.
    fn answer(&self) -> Reply {
        Reply::text(String::new())
    }

    fn refusals(&self) -> Refusals {
        Refusals {
            trouble: Consequence::Retried(Duration::from_mins(6)),
            refused: Consequence::Retried(Duration::from_mins(6)),
            stop: None,
            note: "events come again at once, after 1 min and after 5 min, each a copy that may be the first to arrive; \
                   `X-Slack-No-Retry: 1` on a refusal stops that; commands and interactions never come again; an app \
                   that takes too few of an hour's events has its subscription disabled",
        }
    }

    fn load_bearing(&self) -> &'static [&'static str] {
        known::LOAD_BEARING
    }
}

/// What a request turned out to hold.
enum Held {
    /// A question whether somebody is there.
    Question(Reply),
    /// Something to record.
    Event(Incoming),
}

/// A request as JSON, which is what is kept of it: its body, the JSON in a form's `payload`, or a form's fields.
fn json<'a>(request: &Request<'a>) -> Result<Cow<'a, [u8]>, Problem> {
    if !is_form(request) {
        return Ok(Cow::Borrowed(request.body));
    }
    let form = Form::decode(request.body);
    if form.len() > MOST_FIELDS {
        return Err(Problem::TooManyFields);
    }
    let json = form.get("payload").map_or_else(|| form.to_json(), str::to_owned);
    Ok(Cow::Owned(json.into_bytes()))
}

fn held(kept: &[u8], endpoint: &str, drift: &mut Drift) -> Result<Held, Problem> {
    let value = crate::json::parse(kept).map_err(|_| Problem::NotJson)?;
    let fields = object(&value)?;
    match text(fields, "type") {
        Some("url_verification") => challenge(text(fields, "challenge")).map(Held::Question),
        Some("event_callback") => event::incoming(fields, kept, endpoint, drift).map(Held::Event),
        Some("app_rate_limited") => event::rate_limited(fields, kept, endpoint).map(Held::Event),
        Some(kind) if types::INTERACTIONS.contains(&kind) => {
            interaction::incoming(kind, fields, kept, endpoint).map(Held::Event)
        }
        Some(kind) => {
            drift.types.push(kind.to_owned());
            Err(Problem::Unknown("type"))
        }
        None if text(fields, "command").is_some() => command::incoming(fields, kept, drift).map(Held::Event),
        // Slack looks now and then whether the certificate of a command's URL still holds.
        None if text(fields, "ssl_check") == Some("1") => Ok(Held::Question(Reply::text(String::new()))),
        None => Err(Problem::Missing("type")),
    }
}

/// The challenge as it came, since that is what Slack compares; but nothing that a browser might take for more.
fn challenge(challenge: Option<&str>) -> Result<Reply, Problem> {
    challenge
        .filter(|text| text.len() <= 512 && text.bytes().all(|byte| byte.is_ascii_graphic()))
        .map(|text| Reply::text(text.to_owned()))
        .ok_or(Problem::BadChallenge)
}

fn quarantined(request: &Request<'_>, endpoint: &str, problem: Problem) -> Incoming {
    let mut headers = Headers::new();
    // Without the form around it, in which secrets are not seen.
    let kept = json(request).unwrap_or_else(|_| {
        headers.insert("content-type".to_owned(), FORM.to_owned());
        Cow::Borrowed(request.body)
    });
    let why = (problem.code(), &*problem.to_string());
    Incoming::quarantined(NAME, endpoint, Channel::Slack, headers, &kept, why)
}
