//! Why an event was not recorded, or may not have been.

use crate::error::ApiError;

/// Why an event was not recorded, or may not have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotRecorded {
    /// Too many are waiting.
    Busy,
    /// The database is away, or too slow. It may be recorded all the same.
    Unavailable,
    /// The database refused this event.
    Refused,
}

impl NotRecorded {
    /// Every reason there is.
    pub(crate) const LABELS: &[&str] = &[
        Self::Busy.label(),
        Self::Unavailable.label(),
        Self::Refused.label(),
    ];

    /// The reason in one word, for metrics.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
        }
    }
}

impl From<NotRecorded> for ApiError {
    fn from(not_recorded: NotRecorded) -> Self {
        match not_recorded {
            NotRecorded::Busy => Self::Busy,
            NotRecorded::Unavailable => Self::Unavailable,
            NotRecorded::Refused => Self::Unstorable,
        }
    }
}
