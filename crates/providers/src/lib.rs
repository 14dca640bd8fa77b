//! What each provider sends, signs and means: one folder per provider behind one small trait, able to verify raw
//! bytes, split them into events, and later read each event into a message or a status.

pub mod direct;
mod email;
mod endpoint;
mod form;
mod github;
mod incoming;
mod json;
mod mailgun;
mod multipart;
mod postmark;
mod provider;
mod read;
mod redact;
mod refusals;
#[cfg(test)]
mod rehearsal;
#[cfg(test)]
mod replay;
mod request;
mod sendgrid;
mod signature;
#[cfg(feature = "signing")]
pub mod signing;
mod slack;
mod sns;
mod standard;
mod telegram;
mod twilio;
mod verdict;
mod whatsapp;

pub use endpoint::{Endpoint, Key};
pub use incoming::{Incoming, hex};
pub use provider::{
    Delivery, Drift, MOST_EVENTS, MediaType, ONE_BATCH, ONE_EVENT, Provider, Reading, Reply, Split,
};
pub use read::read;
pub use redact::{BadRedaction, Redaction, RedactionSettings};
pub use refusals::{Consequence, Refusals};
pub use request::{Request, RequestHeaders};
pub use verdict::{Once, Unverified, Verified};

/// Every provider there is an adapter for, by name.
pub const PROVIDERS: &[&dyn Provider] = &[
    &twilio::Twilio,
    &whatsapp::Whatsapp,
    &telegram::Telegram,
    &slack::Slack,
    &github::GitHub,
    &mailgun::Mailgun,
    &sendgrid::SendGrid,
    &postmark::Postmark,
    &sns::Sns,
    &standard::Standard,
];

/// The provider of this name.
pub fn provider_named(name: &str) -> Option<&'static dyn Provider> {
    PROVIDERS.iter().copied().find(|provider| provider.name() == name)
}
