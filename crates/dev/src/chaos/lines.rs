//! Faults of the line between a process and its database.

use rand::RngExt;
use tokio::time::sleep;

use super::player::Player;
use super::process::Process;
use crate::error::DevError;

impl Player<'_> {
    /// Lets statements be done and their answers be lost, a few times.
    pub(super) async fn swallow(&mut self) -> Result<(), DevError> {
        for _ in 0..5 {
            self.process().line.swallow();
            self.pause(50, 300).await;
        }
        Ok(())
    }

    /// Holds up a process for a while.
    pub(super) async fn hold(&mut self, says: bool, hears: bool) -> Result<(), DevError> {
        let length = self.millis(500, 6_000);
        let line = &self.process().line;
        line.hold(says, hears);
        sleep(length).await;
        line.hold(false, false);
        Ok(())
    }

    /// Leads a process to the standby for a while, as a stale name does after a failover.
    pub(super) async fn wrong_way(&mut self) -> Result<(), DevError> {
        let right = self.world.pair.primary.port;
        let wrong = self
            .world
            .pair
            .standby
            .as_ref()
            .map_or(right, |standby| standby.port);
        let length = self.millis(300, 2_000);
        let line = &self.process().line;
        line.lead_to(wrong);
        sleep(length).await;
        // Connections made meanwhile stay: whoever cannot write has to notice by itself.
        line.lead_others_to(right);
        Ok(())
    }

    /// One of all.
    pub(super) fn process(&mut self) -> &Process {
        let gateways = self.world.gateways.len();
        let number = self.chance.random_range(0..gateways + self.world.workers.len());
        match number.checked_sub(gateways) {
            None => &self.world.gateways[number],
            Some(worker) => &self.world.workers[worker],
        }
    }
}
