//! A request's events that wait to be written down, and who waits for them.

use std::sync::Arc;

use mailroom_domain::NewEvent;
use mailroom_store::event::Recorded;
use tokio::{sync::oneshot, time::Instant};

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

impl Order {
    pub(super) fn bytes(&self) -> usize {
        let sizes = self.events.iter().map(|event| event.payload.as_bytes().len());
        sizes.sum()
    }
}

/// How many events of a set are a request's.
#[derive(Debug)]
pub(super) struct Waiting {
    pub events: usize,
    pub answer: oneshot::Sender<Answers>,
    pub held: Arc<Held>,
}
