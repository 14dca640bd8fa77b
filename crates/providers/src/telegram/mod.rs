//! Telegram's Bot API: one update per request as JSON, known by a token in a header.

mod callback;
mod fields;
mod files;
mod message;
#[cfg(feature = "signing")]
mod sign;
#[cfg(test)]
mod tests;
mod text;
mod update;

use mailroom_domain::{Channel, ClaimedEvent, Failure};

use crate::{
    Consequence, Delivery, Drift, Endpoint, MediaType, Provider, Reading, Refusals, Request, Split,
    Unverified, Verified, read::unreadable, signature,
};

const NAME: &str = "telegram";

/// The adapter.
#[derive(Debug)]
pub(crate) struct Telegram;

impl Provider for Telegram {
    fn name(&self) -> &'static str {
        NAME
    }

    fn channel(&self) -> Channel {
        Channel::Telegram
    }

    fn media_types(&self) -> &'static [MediaType] {
        &[MediaType::Json]
    }

    // Nothing is signed, so there is no time to be checked: what keeps an update from being taken twice is its number.
    fn verify(&self, request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
        let token = request.headers.get("x-telegram-bot-api-secret-token");
        let fitting = signature::equal(&endpoint.keys, token.unwrap_or_default());
        let token = token.ok_or(Unverified::Missing)?;
        // core.telegram.org/bots/api#setwebhook, secret_token
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !(1..=256).contains(&token.len()) || !token.chars().all(plain) {
            return Err(Unverified::Malformed);
        }
        fitting.map(Verified::by)
    }

    fn split(&self, request: &Request<'_>, endpoint: &str) -> Delivery {
        let mut drift = Drift::default();
        let events = vec![update::incoming(request.body, endpoint, &mut drift)];
        Delivery::Events(Split { events, drift })
    }

    fn read(&self, event: &ClaimedEvent) -> Result<Reading, Failure> {
        let kept: serde_json::Value =
            crate::json::parse(event.payload.as_bytes()).map_err(|_| unreadable("not JSON"))?;
        update::Update::of(&kept)
            .and_then(|update| update.read(&event.endpoint, event.created_at))
            .map(|message| message.map_or(Reading::Notice, Reading::Message))
            .map_err(unreadable)
    }

    fn refusals(&self) -> Refusals {
        Refusals {
            trouble: Consequence::RetriedForAWhile,
            refused: Consequence::RetriedForAWhile,
            stop: None,
            note: "updates are kept for 24 hours at most; getWebhookInfo tells how many wait and what the last error \
                   was",
        }
    }

    fn load_bearing(&self) -> &'static [&'static str] {
        fields::LOAD_BEARING
    }
}
