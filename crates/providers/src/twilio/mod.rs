//! Twilio: SMS, MMS and WhatsApp as form posts, status callbacks, and Event Streams as JSON; signed over the public
//! URL and the fields, or the body's hash.

mod cloud_event;
mod fields;
mod message;
#[cfg(feature = "signing")]
mod sign;
mod signature;
mod status;

use mailroom_domain::{Channel, ClaimedEvent, ErrorCode, EventKind, Failure, Headers};

use crate::{
    Consequence, Delivery, Drift, Endpoint, Incoming, MediaType, ONE_BATCH, Provider, Reading, Refusals,
    Reply, Request, Split, Unverified, Verified, form::Form, read::unreadable,
};

const NAME: &str = "twilio";
/// More fields than this are no message of Twilio's.
const MOST_FIELDS: usize = 1_000;

/// The adapter.
#[derive(Debug)]
pub(crate) struct Twilio;

impl Provider for Twilio {
    fn name(&self) -> &'static str {
        NAME
    }

    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn channels(&self) -> Vec<Channel> {
        vec![Channel::Sms, Channel::Mms, Channel::Whatsapp]
    }

    fn media_types(&self) -> &'static [MediaType] {
        &[MediaType::Form, MediaType::Json]
    }

    // Event Streams come in batches.
    fn body_limit(&self) -> usize {
        ONE_BATCH
    }

    fn lacks(&self, endpoint: &Endpoint) -> Option<(&'static str, &'static str)> {
        let expected = "the URL(s) as Twilio has them, which it signs";
        endpoint
            .public_urls
            .is_empty()
            .then_some(("public_urls", expected))
    }

    fn verify(&self, request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
        let signature = request.headers.get("x-twilio-signature");
        let fields = if is_form(request) { request.body } else { b"" };
        let key = signature::verify(
            &endpoint.keys,
            &endpoint.public_urls,
            request.query,
            &Form::decode(fields),
            signature.unwrap_or_default(),
        );
        if signature.is_none() {
            return Err(Unverified::Missing);
        }
        if !is_form(request) && !signature::names_body(request.query, request.body) {
            return Err(Unverified::Mismatch);
        }
        Ok(Verified::by(key?))
    }

    fn split(&self, request: &Request<'_>, endpoint: &str) -> Delivery {
        let mut drift = Drift::default();
        let events = if is_form(request) {
            // A form that was kept is JSON.
            let form = Form::from_json(request.body).unwrap_or_else(|| Form::decode(request.body));
            vec![incoming(
                &form,
                endpoint,
                request.body,
                &Headers::new(),
                &mut drift,
            )]
        } else {
            cloud_event::split(request.body, endpoint, &mut drift)
        };
        Delivery::Events(Split { events, drift })
    }

    fn read(&self, event: &ClaimedEvent) -> Result<Reading, Failure> {
        let form = Form::from_json(event.payload.as_bytes())
            .ok_or_else(|| unreadable("the kept form is not a JSON object of strings"))?;
        if event.kind == EventKind::Status {
            status::read(&form, event.created_at).map(Reading::Status)
        } else {
            message::read(&form, event.created_at).map(Reading::Message)
        }
        .map_err(unreadable)
    }

    // TwiML: an empty Response element means "received, no reply".
    fn answer(&self) -> Reply {
        Reply {
            content_type: "text/xml",
            body: r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#.to_owned(),
        }
    }

    fn refusals(&self) -> Refusals {
        Refusals {
            trouble: Consequence::Dropped,
            refused: Consequence::Dropped,
            stop: None,
            note: "only failed connections are tried again (`#rc=`, up to 5 times); set a fallback URL at Twilio, and \
                   `#rp=all` to have 4xx, 5xx and slow answers tried again",
        }
    }

    fn load_bearing(&self) -> &'static [&'static str] {
        fields::LOAD_BEARING
    }
}

fn is_form(request: &Request<'_>) -> bool {
    !request
        .headers
        .get("content-type")
        .is_some_and(|content_type| content_type.to_ascii_lowercase().starts_with("application/json"))
}

/// What to write down of a verified form, whatever it is. `headers` tell what was received, should it be put aside.
fn incoming(form: &Form, endpoint: &str, received: &[u8], headers: &Headers, drift: &mut Drift) -> Incoming {
    let quarantined = |code, cause: &str| {
        Incoming::quarantined(
            NAME,
            endpoint,
            Channel::Sms,
            headers.clone(),
            received,
            (code, cause),
        )
    };
    if form.len() > MOST_FIELDS {
        return quarantined(ErrorCode::Unreadable, "more than 1,000 fields");
    }
    fields::note(form, drift);
    let made = if status::is_status(form) {
        status::incoming(form, drift)
    } else {
        message::incoming(form)
    };
    made.unwrap_or_else(|problem| quarantined(problem.code(), &problem.to_string()))
}
