//! What the desk does about pauses: it reads them, parks claimed events of paused providers, and brings them back.

use std::collections::{BTreeSet, HashSet};

use mailroom_domain::{ClaimToken, ClaimedEvent, ConversationKey, EventId, Lane};
use mailroom_store::{Pool, StoreError, event, pause};

use crate::{
    desk::Desk,
    settle::{Settled, within},
};

/// How many parked events of a lane come back at a time: work goes on between.
const BACK_AT_ONCE: u32 = 200;

impl Desk {
    /// Reads what is paused. Says whether something goes on again.
    ///
    /// # Errors
    /// [`StoreError`]; what was known holds on.
    pub(crate) async fn read_pauses(&mut self) -> Result<bool, StoreError> {
        let pauses = within(pause::list(&self.work)).await?;
        Ok(self.paused.take_over(&pauses))
    }

    /// Brings parked events of providers that go on back in line. Says whether there were any.
    ///
    /// # Errors
    /// [`StoreError`]; it is tried again soon.
    pub(crate) async fn bring_back(&mut self, waiting: &mut BTreeSet<Lane>) -> Result<bool, StoreError> {
        let paused = self.paused.providers().to_vec();
        let mut more = false;
        for lane in within(event::parked(&self.work, &self.holdings.lanes(), &paused)).await? {
            // First, so that nothing is passed whatever becomes of the statement.
            self.holdings.start_over_in(lane);
            waiting.insert(lane);
            self.replayed.insert(lane);
            within(event::unpark(
                &self.work,
                self.worker,
                lane,
                &paused,
                BACK_AT_ONCE,
            ))
            .await?;
            // Whether it were all is seen in the next round: one that somebody had locked was left.
            more = true;
        }
        Ok(more)
    }
}

/// What is left of a claim when paused events are parked.
pub(crate) struct Parted {
    /// What is to be worked on.
    pub events: Vec<ClaimedEvent>,
    /// What is left of what was parked.
    pub settled: Settled,
}

/// Parks events of paused providers, gives back those that are behind them in their conversations, and leaves the
/// rest to be worked on.
///
/// # Errors
/// [`StoreError`]; what is left in hand is brought back by the reaper.
pub(crate) async fn part(
    pool: &Pool,
    paused: &[String],
    token: ClaimToken,
    mut events: Vec<ClaimedEvent>,
) -> Result<Parted, StoreError> {
    let mut held: HashSet<ConversationKey> = HashSet::new();
    let (mut parked, mut behind): (Vec<EventId>, Vec<EventId>) = (Vec::new(), Vec::new());
    events.retain(|event| {
        if paused.contains(&event.provider) {
            parked.push(event.id);
            held.insert(event.conversation_key.clone());
            return false;
        }
        let is_held = held.contains(&event.conversation_key);
        if is_held {
            behind.push(event.id);
        }
        !is_held
    });
    let mut lost = 0;
    if !parked.is_empty() {
        tracing::debug!(
            events = parked.len(),
            behind = behind.len(),
            "parked: their provider is paused"
        );
        let kept = within(async { event::park(&mut pool.acquire().await?, token, &parked).await }).await?;
        lost += parked.len() - kept.len();
    }
    // Not before: until those are parked, nothing but their claim holds these.
    if !behind.is_empty() {
        let released =
            within(async { event::release(&mut pool.acquire().await?, token, &behind).await }).await?;
        lost += behind.len() - released.len();
    }
    Ok(Parted {
        events,
        // They may wait in line again, behind our place.
        settled: if lost == 0 {
            Settled::Whole
        } else {
            Settled::ClaimLost
        },
    })
}
