//! A request's events that wait to be written down, and who waits for them.

use std::sync::Arc;

use mailroom_domain::NewEvent;
use mailroom_store::event::Recorded;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::not_recorded::NotRecorded;
use crate::in_flight::Held;

/// What became of a request's events, in order.
pub(crate) type Answers = Vec<Result<Recorded, NotRecorded>>;

/// The events of one request, and the request that waits. They are written down in one set: a conversation's events
/// come in the order in which the request has them.
#[derive(Debug)]
pub(super) struct Order {
    pub events: Vec<NewEvent>,
    pub answer: oneshot::Sender<Answers>,
    pub held: Arc<Held>,
    /// When it joined the line.
    pub joined: Instant,
}

/// How many events of a set are a request's.
pub(super) struct Waiting {
    pub events: usize,
    pub answer: oneshot::Sender<Answers>,
    pub held: Arc<Held>,
    pub joined: Instant,
}

/// Waits for an order, then takes whatever else has queued up, about `most` events and some megabytes: an idle
/// gateway adds no delay, a busy one shares commits. `None` when nobody can order any more.
pub(super) async fn next_set(
    queue: &mut mpsc::Receiver<Order>,
    most: usize,
) -> Option<(Vec<NewEvent>, Vec<Waiting>)> {
    const MOST_BYTES: usize = 4 << 20;
    let mut next = Some(queue.recv().await?);
    let (mut events, mut waiting, mut bytes) = (Vec::new(), Vec::new(), 0);
    while let Some(order) = next.take() {
        bytes += order
            .events
            .iter()
            .map(|event| event.payload.as_bytes().len())
            .sum::<usize>();
        waiting.push(Waiting {
            events: order.events.len(),
            answer: order.answer,
            held: order.held,
            joined: order.joined,
        });
        events.extend(order.events);
        if events.len() < most && bytes < MOST_BYTES {
            next = queue.try_recv().ok();
        }
    }
    Some((events, waiting))
}
