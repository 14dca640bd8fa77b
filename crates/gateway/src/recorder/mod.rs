//! The recorder: requests hand their events in, writers write down together whatever has queued up (group
//! commit), and each request is answered after the commit of its own.
//!
//! The work is done in tasks of its own, so that a client that hangs up cannot cancel it half-way.

mod being_written;
mod line;
mod not_recorded;
mod order;
mod set;
mod writer;

use std::{sync::Arc, time::Duration};

use mailroom_domain::NewEvent;
use mailroom_store::Pool;
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::Instant,
};

use self::{being_written::BeingWritten, line::Line, order::Order};
pub(crate) use self::{not_recorded::NotRecorded, order::Answers};
use crate::{announcer::Announcer, config::RecordingConfig, in_flight::Held};

/// Hands events in; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    orders: mpsc::Sender<Order>,
    line: Arc<Line>,
    patience: Duration,
}

/// Keeps a writer at work. Should it panic, which is a defect, those whose orders it had are told that it is unknown, and
/// another takes its place.
async fn keep(writer: writer::Writer) {
    while let Err(end) = tokio::spawn(writer.clone().run()).await {
        if !end.is_panic() {
            return;
        }
        tracing::error!("a writer panicked and is replaced");
    }
}

impl Recorder {
    /// Starts the writers. They end when the last clone of the recorder is gone and everything is written;
    /// the returned handles end then.
    pub(crate) fn start(
        config: &RecordingConfig,
        pool: &Pool,
        announcer: &Announcer,
    ) -> (Self, Vec<tokio::task::JoinHandle<()>>) {
        let (orders, queue) = mpsc::channel(config.max_waiting);
        let queue = Arc::new(Mutex::new(queue));
        let line = Arc::new(Line::new(
            config.longest_wait(),
            config.writers * config.max_events,
            Instant::now(),
        ));
        let being_written = BeingWritten::default();
        let writers = (0..config.writers).map(|_| {
            let writer = writer::Writer::new(
                Arc::clone(&queue),
                Arc::clone(&line),
                being_written.clone(),
                pool.clone(),
                announcer.clone(),
                config.max_events,
            );
            tokio::spawn(keep(writer))
        });
        let writers = writers.collect();
        let recorder = Self {
            orders,
            line,
            patience: config.timeout(),
        };
        (recorder, writers)
    }

    /// Records the events of one request together, or finds that they are recorded already; when this returns they
    /// are committed. One answer for each, in order. What the request holds is given back when they are written, even
    /// if nobody waits for that any more.
    pub(crate) async fn record(
        &self,
        events: Vec<NewEvent>,
        held: Arc<Held>,
    ) -> Result<Answers, NotRecorded> {
        let (answer, answered) = oneshot::channel();
        let joined = Instant::now();
        let order = Order {
            events,
            answer,
            held,
            joined,
        };
        let before = || self.orders.max_capacity() - self.orders.capacity();
        let in_line = self.line.join(joined, before, || self.orders.try_send(order));
        let Some(Ok(())) = in_line else {
            return Err(NotRecorded::Busy);
        };
        match tokio::time::timeout(self.patience, answered).await {
            Ok(Ok(answers)) => Ok(answers),
            // A writer that panicked drops its orders.
            Ok(Err(_)) | Err(_) => Err(NotRecorded::Unavailable),
        }
    }
}
