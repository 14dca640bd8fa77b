//! When this process last met a server that cannot write, or was led to another. Connections from before then are not used
//! again.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use crate::StoreError;

/// `read_only_sql_transaction` (PostgreSQL manual, appendix A).
pub(crate) const SQLSTATE: &str = "25006";

static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
/// In milliseconds since [`BEGUN`], plus one; 0 is never.
static LATEST: AtomicU64 = AtomicU64::new(0);

/// A statement met one now.
pub(crate) fn met() -> StoreError {
    LATEST.fetch_max(now() + 1, Relaxed);
    StoreError::Unwell {
        code: SQLSTATE.to_owned(),
    }
}

/// The process was led to another server now: what is connected to the one before may still be answered there.
pub(crate) fn left() {
    LATEST.fetch_max(now() + 1, Relaxed);
}

/// Whether a connection that was lent at this time, and right then, is so still.
#[cfg(feature = "queries")]
pub(crate) fn is_right_since(lent: Instant) -> bool {
    is_younger_than_the_latest(lent.elapsed())
}

/// Whether a connection of this age was made after the latest was met.
pub(crate) fn is_younger_than_the_latest(age: Duration) -> bool {
    let made = now().saturating_sub(millis(age));
    made >= LATEST.load(Relaxed)
}

fn now() -> u64 {
    millis(BEGUN.elapsed())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
