//! Wake-ups: hints from gateways about where something waits, gathered until the desk looks.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mailroom_domain::Lane;
use mailroom_store::{
    Kind, Pool,
    wake::{Hint, Wakes},
};
use tokio::sync::Notify;

/// Gathers hints; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bell(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    lanes: Mutex<BTreeSet<Lane>>,
    behind: Mutex<Vec<(Lane, i64)>>,
    rung: Notify,
}

impl Bell {
    /// Notes a hint.
    fn ring(&self, hint: Hint) {
        let mut lanes = self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        match hint {
            Hint::Lanes(hinted) => lanes.extend(hinted),
            Hint::Behind(places) => {
                lanes.extend(places.iter().map(|(lane, _)| lane));
                self.0
                    .behind
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend(places);
            }
            Hint::Anywhere => {
                lanes.extend(Lane::all());
                // What was replayed meanwhile may lie anywhere too: a later hint must not lead past it.
                self.0
                    .behind
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend(Lane::all().map(|lane| (lane, 0)));
            }
        }
        self.0.rung.notify_one();
    }

    /// The lanes hinted at since it was last asked.
    pub(crate) fn hints(&self) -> BTreeSet<Lane> {
        std::mem::take(&mut self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Places to go back to, told of since it was last asked: something was replayed there.
    pub(crate) fn places_behind(&self) -> Vec<(Lane, i64)> {
        std::mem::take(&mut self.0.behind.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until it rings; a ring while nobody waited counts.
    pub(crate) async fn wait(&self) {
        self.0.rung.notified().await;
    }
}

/// Listens for ever, on a connection of its own.
pub(crate) async fn listen(pool: Pool, bell: Bell) {
    loop {
        match Wakes::listen(&pool).await {
            Ok(mut wakes) => {
                if !wakes.is_direct() {
                    tracing::warn!(
                        "what answers at the direct URL drops the settings of our connections, as a pooler does: through \
                         one wake-ups may never come, and events are found by polling; have it lead to PostgreSQL itself"
                    );
                }
                bell.ring(Hint::Anywhere); // what was announced before we listened
                loop {
                    match wakes.next().await {
                        Ok(hint) => bell.ring(hint),
                        Err(error) => {
                            tracing::warn!(%error, "wake-ups are lost; polling goes on");
                            break;
                        }
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "wake-ups cannot be had; polling goes on"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        mailroom_store::look(Kind::Writers); // its URL may be another than the one that others use
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_have_missed_hints_looks_everywhere_from_the_beginning() {
        let bell = Bell::default();
        bell.ring(Hint::Anywhere);
        assert_eq!(bell.hints().len(), Lane::all().count());
        let behind = bell.places_behind();
        assert_eq!(behind.len(), Lane::all().count());
        assert!(behind.iter().all(|(_, arrival)| *arrival <= 0), "{behind:?}");
    }
}
