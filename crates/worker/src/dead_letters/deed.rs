//! Deeds: what can be done with dead letters, one batch in one statement.

use mailroom_domain::EventId;
use mailroom_store::{Pool, StoreError, action::Act, letter};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// They stand in line again.
    Replay,
    /// They need nothing more.
    Discard,
}

impl Deed {
    /// What they are afterwards.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Replay => "replayed",
            Self::Discard => "discarded",
        }
    }

    /// What an event is that it was not done to.
    pub(super) const fn not_one(self) -> &'static str {
        match self {
            Self::Replay => "no dead letter",
            Self::Discard => "no dead letter, or discarded already",
        }
    }

    /// Does it, and gives back those it was done to.
    ///
    /// # Errors
    /// [`StoreError`]; doing it again is harmless.
    pub(super) async fn to(
        self,
        pool: &Pool,
        letters: &[EventId],
        act: &Act,
    ) -> Result<Vec<EventId>, StoreError> {
        match self {
            Self::Replay => {
                let replayed = letter::replay(pool, letters, act).await?;
                Ok(replayed.into_iter().map(|it| it.event).collect())
            }
            Self::Discard => letter::discard(pool, letters, act).await,
        }
    }
}
