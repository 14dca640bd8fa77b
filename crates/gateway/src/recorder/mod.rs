//! The recorder: requests hand their events in, writers write down together whatever has queued up (group
//! commit), and each request is answered after the commit of its own.
//!
//! The work is done in tasks of its own, so that a client that hangs up cannot cancel it half-way.

mod being_written;
mod line;
#[cfg(test)]
mod line_tests;
mod not_recorded;
mod order;
mod pace;
mod set;
mod writer;

use std::{sync::Arc, time::Duration};

use mailroom_domain::NewEvent;
use mailroom_store::Pool;
use tokio::{sync::oneshot, time::Instant};

use self::{line::Line, order::Order};
pub(crate) use self::{not_recorded::NotRecorded, order::Answers};
use crate::{announcer::Announcer, config::RecordingConfig, in_flight::Held};

/// Hands events in; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    entrance: Arc<Entrance>,
    patience: Duration,
}

/// The way into the line, which is closed when nobody holds it any more.
#[derive(Debug)]
struct Entrance(Arc<Line>);

impl Drop for Entrance {
    fn drop(&mut self) {
        self.0.close();
    }
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
        let line = Arc::new(Line::new(config, Instant::now()));
        let writers = (0..config.writers).map(|_| {
            let writer = writer::Writer::new(Arc::clone(&line), pool.clone(), announcer.clone());
            tokio::spawn(keep(writer))
        });
        let writers = writers.collect();
        let recorder = Self {
            entrance: Arc::new(Entrance(line)),
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
        let order = Order {
            events,
            answer,
            held,
            joined: Instant::now(),
        };
        if !self.entrance.0.join(order) {
            return Err(NotRecorded::Busy);
        }
        match tokio::time::timeout(self.patience, answered).await {
            Ok(Ok(answers)) => Ok(answers),
            // A writer that panicked drops its orders.
            Ok(Err(_)) | Err(_) => Err(NotRecorded::Unavailable),
        }
    }
}
