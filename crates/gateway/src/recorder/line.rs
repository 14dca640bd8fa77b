//! The line of orders before the writers: who joins it, and when what stands in it is worth a set.
//!
//! A writer that waits is called when that is so, not for each order: a thread that is woken costs more than an event.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{
    being_written::BeingWritten,
    order::Order,
    pace::Pace,
    set::{Set, Writing, is_full},
};
use crate::config::RecordingConfig;

/// No order waits longer for a set to be done: that one's connection may have gone silent.
const LONGEST_WAIT: Duration = Duration::from_millis(25);

/// Shared by requests and writers.
#[derive(Debug)]
pub(super) struct Line {
    most_waiting: usize,
    most_events: usize,
    state: Mutex<State>,
    call: Notify,
}

#[derive(Debug)]
struct State {
    orders: VecDeque<Order>,
    events: usize,
    bytes: usize,
    pace: Pace,
    being_written: BeingWritten,
    /// Writers that wait and will look by themselves before long.
    watching: usize,
    /// A writer was called that has not looked yet.
    is_called: bool,
    is_closed: bool,
}

/// What a writer finds.
#[derive(Debug)]
enum Look {
    Set(Set),
    /// Nothing yet. It is to look again then at the latest, or when it is called.
    Nothing(Option<Instant>),
    /// Nothing, for ever.
    End,
}

impl Line {
    pub(super) fn new(config: &RecordingConfig, now: Instant) -> Self {
        let pace = Pace::new(config.longest_wait(), config.writers * config.max_events, now);
        Self {
            most_waiting: config.max_waiting,
            most_events: config.max_events,
            state: Mutex::new(State {
                orders: VecDeque::new(),
                events: 0,
                bytes: 0,
                pace,
                being_written: BeingWritten::default(),
                watching: 0,
                is_called: false,
                is_closed: false,
            }),
            call: Notify::new(),
        }
    }

    /// Joins the line; or not, where whoever stands there waits for too long as it is.
    pub(super) fn join(&self, order: Order) -> bool {
        let (now, bytes) = (order.joined, order.bytes());
        let is_to_call = {
            let mut state = self.state();
            let before = state.orders.len();
            if before >= self.most_waiting || !state.pace.lets_in(before, now) {
                return false;
            }
            state.events += order.events.len();
            state.bytes += bytes;
            state.orders.push_back(order);
            let is_to_call = !state.is_called && (state.watching == 0 || self.is_ready(&state, now));
            state.is_called |= is_to_call;
            is_to_call
        };
        if is_to_call {
            self.call.notify_one();
        }
        true
    }

    /// Nobody joins any more.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.call.notify_one();
    }

    /// Waits for what is worth a set. A set that comes alone is written at once; one beside another, or right after a small
    /// one, waits until it is worth a commit of its own, for 25 ms at most: so an idle gateway adds no delay, and a busy one
    /// shares commits. `None` when the line is closed and empty.
    pub(super) async fn next(self: &Arc<Self>) -> Option<Set> {
        let mut was_watching = false;
        loop {
            let again = match self.look(was_watching, Instant::now()) {
                Look::Set(set) => return Some(set),
                Look::Nothing(again) => again,
                Look::End => {
                    self.call.notify_one(); // the next writer ends as well
                    return None;
                }
            };
            was_watching = again.is_some();
            tokio::select! {
                () = self.call.notified() => {}
                () = sleep_until(again.unwrap_or_else(Instant::now)), if was_watching => {}
            }
        }
    }

    /// A set is written, or could not be. Its writer looks next.
    pub(super) fn done(&self, writing: &Writing, now: Instant) {
        let took = now.duration_since(writing.since);
        let being_written = &mut self.state().being_written;
        being_written.done(writing.events, writing.requests, took, now);
    }

    fn look(self: &Arc<Self>, was_watching: bool, now: Instant) -> Look {
        let mut state = self.state();
        state.is_called = false;
        state.watching -= usize::from(was_watching);
        if self.is_ready(&state, now) {
            let orders = state.take(self.most_events, now);
            drop(state);
            let writing = Writing {
                line: Arc::clone(self),
                events: orders.iter().map(|order| order.events.len()).sum(),
                requests: orders.len(),
                since: now,
            };
            return Look::Set(Set::new(orders, writing));
        }
        if state.is_closed {
            return Look::End;
        }
        let at_last = match state.orders.front() {
            Some(head) => Some(head.joined + LONGEST_WAIT),
            None if state.being_written.is_some() => Some(now + LONGEST_WAIT),
            None => None,
        };
        let rest = state.being_written.rest(now);
        let again = at_last.into_iter().chain(rest).min();
        state.watching += usize::from(again.is_some());
        Look::Nothing(again)
    }

    fn is_ready(&self, state: &State, now: Instant) -> bool {
        let Some(head) = state.orders.front() else {
            return false;
        };
        state.is_closed
            || is_full(state.events, state.bytes, self.most_events)
            || state.being_written.is_worth(state.events, now)
            || head.joined + LONGEST_WAIT <= now
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole before the lock is let go.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes about so many events, and some megabytes, from the front.
    fn take(&mut self, most_events: usize, now: Instant) -> Vec<Order> {
        let (mut orders, mut events, mut bytes) = (Vec::new(), 0, 0);
        while !is_full(events, bytes, most_events)
            && let Some(order) = self.orders.pop_front()
        {
            events += order.events.len();
            bytes += order.bytes();
            orders.push(order);
        }
        self.events -= events;
        self.bytes -= bytes;
        self.being_written.begin(events);
        if let Some(last) = orders.last() {
            self.pace.moved(orders.len(), last.joined, now);
        }
        orders
    }
}
