//! How every answer writes a time.

use chrono::{DateTime, SecondsFormat, Utc};

/// UTC, `Z`, as many digits as it has.
pub(super) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
