//! What each provider sends, signs and means: one folder per provider, each able to verify raw bytes, name the
//! events in them, and later read an event into a message.

pub mod direct;
mod incoming;
mod read;
pub mod twilio;

pub use incoming::Incoming;
pub use read::read;
