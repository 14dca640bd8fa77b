//! The wall clock, for signatures that do not keep.

use chrono::{DateTime, Utc};

/// The time.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where this program's time comes from"
)]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}
