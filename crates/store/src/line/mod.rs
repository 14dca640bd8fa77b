//! The line of one conversation: what stands first in it, what it waits for, and how much waits behind.

mod find;
mod look;
mod reason;

pub use find::{Found, find, key_of};
pub use look::{First, Standing, State, look};
pub use reason::Reason;
