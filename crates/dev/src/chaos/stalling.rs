//! Stalls workers and sessions where it matters: in the middle of their work.

use std::time::Duration;

use mailroom_store::server::{Busy, ServerError, Watch, evidence};
use rand::RngExt;
use rand::seq::IndexedRandom;
use tokio::time::{sleep, timeout};

use super::player::Player;
use crate::error::DevError;

/// What a gateway's session that records calls itself.
const RECORDS: &str = "mailroom-gateway";
/// How many sessions stand still in one fault.
const SESSIONS: u32 = 10;
/// How often it is tried to catch one of them.
const TRIES: u32 = 1_000;
/// Whoever is not answered for so long waits for the one that stands still.
const PATIENCE: Duration = Duration::from_millis(200);

impl Player<'_> {
    /// Stalls a worker with events in its hands, if it comes to have some: one that idles proves little.
    pub(super) async fn stall_at_work(&self, worker: usize) {
        const LONGER_THAN_OTHERS_TAKE: u32 = 150;
        for attempt in 0..40 {
            self.world.workers[worker].stall(true);
            sleep(Duration::from_millis((LONGER_THAN_OTHERS_TAKE + 50).into())).await;
            let database = self.world.database_url();
            if !matches!(
                evidence::long_in_work(&database, LONGER_THAN_OTHERS_TAKE).await,
                Ok(0)
            ) {
                return;
            }
            self.world.workers[worker].stall(false);
            sleep(Duration::from_millis(40 + 7 * attempt % 50)).await;
        }
        self.world.workers[worker].stall(true);
    }

    /// Stalls sessions within a statement until others went past them, as a machine with too much to do may: half of them
    /// whoever it is, half of them recordings of which nobody else can know yet.
    pub(super) async fn stall_sessions(&mut self) -> Result<(), DevError> {
        let mut watch = Watch::start(&self.world.database_url()).await?;
        for _ in 0..SESSIONS {
            let unseen: bool = self.chance.random();
            for _ in 0..TRIES {
                // A watch that broke sees nobody any more.
                let Ok(busy) = look(&mut watch).await else {
                    return Ok(());
                };
                let mut busy = busy.unwrap_or_default();
                busy.retain(|session| !unseen || session.program == RECORDS && !session.writes);
                let Some(session) = busy.choose(&mut self.chance).cloned() else {
                    continue;
                };
                let length = self.millis(300, 1_200);
                let primary = &self.world.pair.primary;
                primary.stall_one(session.process, true);
                let is_caught = look(&mut watch)
                    .await
                    .is_ok_and(|busy| busy.is_none_or(|busy| busy.contains(&session)));
                if is_caught {
                    sleep(length).await;
                }
                primary.stall_one(session.process, false);
                if is_caught {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Who is busy; nothing where nobody answers in time, since all wait for the one that stands still.
async fn look(watch: &mut Watch) -> Result<Option<Vec<Busy>>, ServerError> {
    timeout(PATIENCE, watch.busy())
        .await
        .map_or(Ok(None), |busy| busy.map(Some))
}
