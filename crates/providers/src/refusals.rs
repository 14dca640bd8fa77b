//! What being refused costs, by provider.

use std::{fmt, time::Duration};

/// What a provider does when it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusals {
    /// After 5xx or no answer.
    pub trouble: Consequence,
    /// After 4xx.
    pub refused: Consequence,
    /// The status with which a provider is told that trying again cannot help, where it has one of its own.
    pub stop: Option<u16>,
    /// What else is worth knowing.
    pub note: &'static str,
}

/// What becomes of a request that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// It is delivered again for about so long after the first time, then dropped.
    Retried(Duration),
    /// It is not delivered again.
    Dropped,
    /// It is delivered again, for how long is not published.
    RetriedForAWhile,
}

impl fmt::Display for Consequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped => f.write_str("dropped at once"),
            Self::RetriedForAWhile => f.write_str("delivered again, for how long is not published"),
            Self::Retried(over) => {
                let minutes = over.as_secs() / 60;
                match minutes {
                    0 => write!(f, "delivered again for {} s, then dropped", over.as_secs()),
                    1..120 => write!(f, "delivered again for {minutes} min, then dropped"),
                    120..2880 => write!(f, "delivered again for {} h, then dropped", minutes / 60),
                    _ => write!(f, "delivered again for {} days, then dropped", minutes / 1440),
                }
            }
        }
    }
}
