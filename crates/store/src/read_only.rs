//! When this process last met a server that cannot write. Connections from before then are not used again.

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
