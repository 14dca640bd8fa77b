//! Recorded provider traffic: what was sent, what has to come of it, and the player and checker of both.

mod check;
mod compare;
mod counters;
mod error;
mod expected;
mod gateway;
mod grouping;
mod listing;
pub(crate) mod play;
mod reading;
mod recording;
pub(crate) mod report;

#[cfg(test)]
mod check_tests;
#[cfg(test)]
mod compare_tests;
#[cfg(test)]
mod fake_gateway;
#[cfg(test)]
mod recording_tests;

pub(crate) use check::check;
pub(crate) use counters::Counters;
pub(crate) use error::TrafficError;
pub(crate) use gateway::Gateway;
pub(crate) use play::play;
pub(crate) use recording::Recording;

/// The Twilio endpoint that the recording was sent to, as in `/webhooks/twilio/demo`.
pub(crate) const TWILIO_ENDPOINT: &str = "demo";
/// Where the recorded Twilio account thinks the gateway is. Its signatures cover this URL and the path.
pub(crate) const TWILIO_PUBLIC_URL: &str = "https://mailroom.example";
/// The recorded Twilio account's auth token. It opens nothing.
pub(crate) const TWILIO_AUTH_TOKEN: &str = "demo-twilio-auth-token";
