//! Reason: why a conversation does not move on, in one word.

use super::{Standing, State};

/// Why a conversation does not move on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There is nothing to move on with.
    NothingWaits,
    /// A live worker has its first event in hand.
    InWork,
    /// A worker that is gone had it in hand; whoever tends the lane brings it back.
    WorkerGone,
    /// An operator paused all work.
    EverythingPaused,
    /// An operator paused the provider of its first event.
    ProviderPaused,
    /// No worker tends its lane.
    NobodyTendsTheLane,
    /// Its first event failed, and its retry is not due yet.
    WaitsForRetry,
    /// Nothing: its first event is claimed next.
    NextInLine,
}

impl Reason {
    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NothingWaits => "nothing_waits",
            Self::InWork => "in_work",
            Self::WorkerGone => "worker_gone",
            Self::EverythingPaused => "everything_paused",
            Self::ProviderPaused => "provider_paused",
            Self::NobodyTendsTheLane => "nobody_tends_the_lane",
            Self::WaitsForRetry => "waits_for_retry",
            Self::NextInLine => "next_in_line",
        }
    }
}

impl Standing {
    /// What has to change first for the conversation to move on.
    pub fn reason(&self) -> Reason {
        let Some(first) = &self.first else {
            return Reason::NothingWaits;
        };
        match first.state {
            State::Processing {
                alive_until: Some(_), ..
            } => Reason::InWork,
            _ if self.everything_paused => Reason::EverythingPaused,
            State::Processing { .. } => Reason::WorkerGone,
            _ if self.provider_paused => Reason::ProviderPaused,
            _ if self.tended_by.is_none() => Reason::NobodyTendsTheLane,
            State::Error { due } if due > self.at => Reason::WaitsForRetry,
            State::Error { .. } | State::Received | State::Parked => Reason::NextInLine,
        }
    }
}
