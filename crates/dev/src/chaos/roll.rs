//! A rolling restart, as a new release makes one: everything in turn and in good order.

use super::fault::Fault;
use super::player::{Played, Player};
use crate::error::DevError;

impl Player<'_> {
    /// Restarts every gateway and every worker, one after the other, as a new release does.
    pub(super) async fn roll(&mut self) -> Result<Vec<Played>, DevError> {
        let mut restarted = Vec::new();
        for number in 0..self.world.gateways.len() + self.world.workers.len() {
            let gateways = self.world.gateways.len();
            let (fault, process) = match number.checked_sub(gateways) {
                None => (Fault::RestartGateway, &mut self.world.gateways[number]),
                Some(worker) => (Fault::RestartWorker, &mut self.world.workers[worker]),
            };
            process.stop(self.run).await?;
            process.start(self.run, &[])?;
            self.world.ready().await?;
            let recovery = self.shared.recovery().await?;
            restarted.push(Played { fault, recovery });
        }
        Ok(restarted)
    }
}
