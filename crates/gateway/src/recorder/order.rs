//! An event that waits to be written down, and who waits for it.

use mailroom_domain::NewEvent;
use mailroom_store::event::Recorded;
use tokio::sync::{mpsc, oneshot};

use super::not_recorded::NotRecorded;

/// One event and its waiting request.
#[derive(Debug)]
pub(super) struct Order {
    pub event: NewEvent,
    pub answer: oneshot::Sender<Result<Recorded, NotRecorded>>,
}

type Waiting = Vec<oneshot::Sender<Result<Recorded, NotRecorded>>>;

/// Waits for an order, then takes whatever else has queued up, at most `most` and some megabytes: an idle
/// gateway adds no delay, a busy one shares commits. `None` when nobody can order any more.
pub(super) async fn next_set(
    queue: &mut mpsc::Receiver<Order>,
    most: usize,
) -> Option<(Vec<NewEvent>, Waiting)> {
    const MOST_BYTES: usize = 4 << 20;
    let first = queue.recv().await?;
    let mut bytes = first.event.payload.as_bytes().len();
    let (mut events, mut waiting) = (vec![first.event], vec![first.answer]);
    while events.len() < most && bytes < MOST_BYTES {
        let Ok(order) = queue.try_recv() else { break };
        bytes += order.event.payload.as_bytes().len();
        events.push(order.event);
        waiting.push(order.answer);
    }
    Some((events, waiting))
}
