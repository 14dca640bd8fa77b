//! A set: the orders that are written down together.

use std::sync::Arc;

use mailroom_domain::NewEvent;
use tokio::time::Instant;

use super::{
    line::Line,
    order::{Order, Waiting},
};

const MOST_BYTES: usize = 4 << 20;

/// Whether so much is all that a set may have.
pub(super) const fn is_full(events: usize, bytes: usize, most_events: usize) -> bool {
    events >= most_events || bytes >= MOST_BYTES
}

/// The events of some orders, and who waits for them.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) events: Vec<NewEvent>,
    pub(super) waiting: Vec<Waiting>,
    /// To be dropped when they are written, or could not be.
    pub(super) writing: Writing,
}

impl Set {
    pub(super) fn new(orders: Vec<Order>, begun: Writing) -> Self {
        let mut events = Vec::with_capacity(begun.events);
        let mut waiting = Vec::with_capacity(orders.len());
        for order in orders {
            waiting.push(Waiting {
                events: order.events.len(),
                answer: order.answer,
                held: order.held,
            });
            events.extend(order.events);
        }
        Self {
            events,
            waiting,
            writing: begun,
        }
    }
}

/// A set is being written until this is dropped, even by a panic.
#[derive(Debug)]
pub(super) struct Writing {
    pub(super) line: Arc<Line>,
    pub(super) events: usize,
    pub(super) requests: usize,
    pub(super) since: Instant,
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.line.done(self, Instant::now());
    }
}
