//! A set: the orders that are written down together.

use std::time::Duration;

use mailroom_domain::NewEvent;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    being_written::BeingWritten,
    order::{Order, Waiting},
};

const MOST_BYTES: usize = 4 << 20;
/// No set waits longer for another to be done: that one's connection may have gone silent.
const LONGEST_WAIT: Duration = Duration::from_millis(25);

/// The events of some orders, and who waits for them.
#[derive(Default)]
pub(super) struct Set {
    pub(super) events: Vec<NewEvent>,
    pub(super) waiting: Vec<Waiting>,
    bytes: usize,
}

impl Set {
    /// Waits for an order, then takes whatever else has queued up, about `most` events and some megabytes. A set that
    /// comes alone is written at once; one beside another, or right after a small one, waits until it is worth a commit of its
    /// own, for 25 ms at most: so an idle gateway adds no delay, and a busy one shares commits. `None` when nobody can order
    /// any more.
    pub(super) async fn next(
        queue: &mut mpsc::Receiver<Order>,
        being_written: &BeingWritten,
        most: usize,
    ) -> Option<Self> {
        let mut set = Self::default();
        set.add(queue.recv().await?);
        let at_last = Instant::now() + LONGEST_WAIT;
        loop {
            while !set.is_full(most)
                && let Ok(order) = queue.try_recv()
            {
                set.add(order);
            }
            let changes = being_written.changes();
            if set.is_full(most) || being_written.is_worth(set.events.len()) {
                return Some(set);
            }
            tokio::select! {
                order = queue.recv() => match order {
                    Some(order) => set.add(order),
                    None => return Some(set),
                },
                () = changes => {}
                () = sleep_until(at_last) => return Some(set),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mailroom_domain::{Channel, ConversationKey, EventId, EventKind, Headers, Lane, Payload};
    use tokio::sync::oneshot;

    use super::*;
    use crate::in_flight::InFlight;

    fn order() -> Order {
        let key = ConversationKey::between(Channel::Sms, "+1", "+2");
        let event = NewEvent {
            id: EventId::new(Lane::of(&key), [1; 16]),
            channel: Channel::Sms,
            provider: "direct".to_owned(),
            endpoint: "sms".to_owned(),
            kind: EventKind::Message,
            sender: "+1".to_owned(),
            recipient: "+2".to_owned(),
            conversation_key: key,
            provider_message_id: "1".to_owned(),
            payload: Payload::new(b"{}"),
            headers: Headers::new(),
            body_hash: [0; 32],
            quarantine: None,
            trace_context: None,
        };
        Order {
            events: vec![event],
            answer: oneshot::channel().0,
            held: Arc::new(InFlight::new(1_000, 1_000).hold()),
            joined: Instant::now(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_set_beside_a_larger_one_grows_but_does_not_wait_for_long() {
        let (orders, mut queue) = mpsc::channel(10);
        let being_written = BeingWritten::default();
        let begun = Instant::now();
        orders.try_send(order()).unwrap();
        let set = Set::next(&mut queue, &being_written, 500).await.unwrap();
        assert_eq!((set.events.len(), begun.elapsed()), (1, Duration::ZERO), "alone");
        let writing = being_written.begin(2, 1);
        orders.try_send(order()).unwrap();
        let set = Set::next(&mut queue, &being_written, 500).await.unwrap();
        assert_eq!(
            (set.events.len(), begun.elapsed()),
            (1, LONGEST_WAIT),
            "beside two"
        );
        orders.try_send(order()).unwrap();
        let later = async {
            tokio::time::sleep(LONGEST_WAIT / 5).await;
            orders.try_send(order()).unwrap();
        };
        let (set, ()) = tokio::join!(Set::next(&mut queue, &being_written, 500), later);
        assert_eq!(set.unwrap().events.len(), 2, "as large");
        drop(writing);
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_set_after_a_shared_one_is_handed_out_when_the_rest_is_over() {
        let (orders, mut queue) = mpsc::channel(10);
        let being_written = BeingWritten::default();
        let writing = being_written.begin(2, 2);
        tokio::time::sleep(Duration::from_millis(3)).await;
        drop(writing);
        let begun = Instant::now();
        orders.try_send(order()).unwrap();
        let set = Set::next(&mut queue, &being_written, 500).await.unwrap();
        assert_eq!((set.events.len(), begun.elapsed()), (1, Duration::from_millis(3)));
    }
}
