//! Twilio: form posts for SMS and MMS, signed over the public URL and the fields.

mod form;
mod message;
mod signature;

pub use form::Form;
pub use message::{Unread, incoming, parse};
pub use signature::verify;

/// The provider's name in events, routes and metrics.
pub const NAME: &str = "twilio";

/// What Twilio takes for "received, no reply" (`TwiML`: an empty Response element).
pub const ANSWER: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;
