//! The wall clock, which judges how old a signature is. Leases and due times are the database's.

use chrono::{DateTime, Utc};

/// Tells the time.
#[derive(Debug, Clone, Copy)]
pub struct Clock(pub fn() -> DateTime<Utc>);

impl Clock {
    /// The time.
    pub(crate) fn now(self) -> DateTime<Utc> {
        (self.0)()
    }
}
