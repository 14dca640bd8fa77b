//! Recorded provider traffic: what was sent, what has to come of it, and the player and checker of both.

mod check;
mod compare;
mod counters;
mod error;
mod expected;
mod gateway;
mod grouping;
mod listing;
mod outgoing;
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

/// Where the recorded providers think the gateway is. Those that sign URLs sign this one and the path.
pub(crate) const PUBLIC_URL: &str = "https://mailroom.example";
/// The Twilio endpoint that a part of the recording was sent to, as in `/webhooks/twilio/demo`. All other endpoints
/// have their provider's name.
pub(crate) const TWILIO_ENDPOINT: &str = "demo";
/// What a provider shows that asks by GET whether somebody is there. It opens nothing.
pub(crate) const VERIFY_TOKEN: &str = "demo-verify-token";
/// The topics of the recorded Amazon SNS account.
pub(crate) const TOPICS: &str = "arn:aws:sns:eu-central-1:123456789012:orders,arn:aws:sns:eu-central-1:123456789012:mail,\
     arn:aws:sns:eu-west-1:123456789012:front-desk";
