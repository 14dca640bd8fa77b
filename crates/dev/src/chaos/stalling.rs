//! Stalls a worker where it matters.

use std::time::Duration;

use mailroom_store::server::evidence;
use tokio::time::sleep;

use super::player::Player;

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
}
