//! A set: the orders that are written down together.

use mailroom_domain::NewEvent;
use tokio::sync::mpsc;

use super::{
    being_written::BeingWritten,
    order::{Order, Waiting},
};

const MOST_BYTES: usize = 4 << 20;

/// The events of some orders, and who waits for them.
#[derive(Default)]
pub(super) struct Set {
    pub(super) events: Vec<NewEvent>,
    pub(super) waiting: Vec<Waiting>,
    bytes: usize,
}

impl Set {
    /// Waits for an order, then takes whatever else has queued up, about `most` events and some megabytes. Nobody waits
    /// while nothing is being written; a set beside another one waits until it is worth a commit of its own: so an idle
    /// gateway adds no delay, and a busy one shares commits. `None` when nobody can order any more.
    pub(super) async fn next(
        queue: &mut mpsc::Receiver<Order>,
        being_written: &BeingWritten,
        most: usize,
    ) -> Option<Self> {
        let mut set = Self::default();
        set.add(queue.recv().await?);
        loop {
            while !set.is_full(most)
                && let Ok(order) = queue.try_recv()
            {
                set.add(order);
            }
            if set.is_full(most) || being_written.is_worth(set.events.len()) {
                return Some(set);
            }
            tokio::select! {
                order = queue.recv() => match order {
                    Some(order) => set.add(order),
                    None => return Some(set),
                },
                () = being_written.less() => {}
            }
        }
    }

    fn is_full(&self, most: usize) -> bool {
        self.events.len() >= most || self.bytes >= MOST_BYTES
    }

    fn add(&mut self, order: Order) {
        let sizes = order.events.iter().map(|event| event.payload.as_bytes().len());
        self.bytes += sizes.sum::<usize>();
        self.waiting.push(Waiting {
            events: order.events.len(),
            answer: order.answer,
            held: order.held,
            joined: order.joined,
        });
        self.events.extend(order.events);
    }
}
