//! Why an event was not recorded, or may not have been.

use mailroom_domain::NewEvent;

use crate::error::ApiError;

const REFUSED: &str = "refused";

/// Why an event was not recorded, or may not have been.
#[derive(Debug)]
pub(crate) enum NotRecorded {
    /// Too many are waiting.
    Busy,
    /// The database is away, or too slow. It may be recorded all the same.
    Unavailable,
    /// The database refused this event, which is given back.
    Refused(Box<NewEvent>),
}

impl NotRecorded {
    /// Every reason there is.
    pub(crate) const LABELS: &[&str] = &[Self::Busy.label(), Self::Unavailable.label(), REFUSED];

    /// The reason in one word, for metrics.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::Refused(_) => REFUSED,
        }
    }
}

impl From<NotRecorded> for ApiError {
    fn from(not_recorded: NotRecorded) -> Self {
        match not_recorded {
            NotRecorded::Busy => Self::Busy,
            NotRecorded::Unavailable => Self::Unavailable,
            NotRecorded::Refused(_) => Self::Unstorable,
        }
    }
}
