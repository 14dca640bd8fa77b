//! A writer: takes what has queued up, writes it down in one statement, tells everyone who waits.

use std::sync::Arc;

use mailroom_domain::NewEvent;
use mailroom_store::{
    Kept, LONGEST_STATEMENT, Pool, StoreError,
    event::{self, Recorded, Recording},
    within,
};

use super::{
    line::Line,
    not_recorded::NotRecorded,
    order::{Answers, Waiting},
    set::Set,
};
use crate::{announcer::Announcer, measures};

#[derive(Clone)]
pub(super) struct Writer {
    line: Arc<Line>,
    pool: Pool,
    announcer: Announcer,
}

impl Writer {
    pub(super) const fn new(line: Arc<Line>, pool: Pool, announcer: Announcer) -> Self {
        Self {
            line,
            pool,
            announcer,
        }
    }

    /// Works until nobody can order any more and all is written.
    pub(super) async fn run(self) {
        let mut database = Kept::of(self.pool.clone());
        while let Some(Set {
            events,
            waiting,
            writing,
        }) = self.line.next().await
        {
            measures::set_written(events.len());
            let recording = self.write(&mut database, &events).await;
            drop(writing);
            let mut answers = self.tell(events, recording).into_iter();
            for Waiting {
                events, answer, held, ..
            } in waiting
            {
                drop(held);
                // A request that timed out waits no more.
                let _ = answer.send(answers.by_ref().take(events).collect());
            }
        }
    }

    async fn write(&self, database: &mut Kept, events: &[NewEvent]) -> Option<Recording> {
        let mut recording = try_write(database, events).await;
        if let Err(error @ (StoreError::Unavailable { .. } | StoreError::Unwell { .. })) = &recording {
            // The connection may have gone after the commit: the same events again change nothing. Where none could
            // be had, waiting for one again would only keep everybody waiting.
            tracing::warn!(
                %error,
                events = events.len(),
                "recording failed, trying once more"
            );
            measures::repeated();
            recording = try_write(database, events).await;
        }
        recording
            .inspect_err(|error| tracing::warn!(%error, events = events.len(), "events were not recorded"))
            .ok()
    }

    /// Tells the workers and the operators, and gives back what the database refused.
    fn tell(&self, events: Vec<NewEvent>, recording: Option<Recording>) -> Answers {
        let Some(recording) = recording else {
            let away = || {
                measures::not_recorded(NotRecorded::Unavailable.label());
                Err(NotRecorded::Unavailable)
            };
            return events.iter().map(|_| away()).collect();
        };
        let fresh = events
            .iter()
            .zip(&recording)
            .filter(|(_, recorded)| matches!(recorded, Ok(Recorded::Recorded(_))));
        self.announcer.announce(fresh.map(|(event, _)| event.id.lane()));
        let answers = events.into_iter().zip(recording);
        answers
            .map(|(event, recorded)| match recorded {
                Ok(outcome) => {
                    note(&event, outcome);
                    Ok(outcome)
                }
                Err(error) => Err(refused(event, &error)),
            })
            .collect()
    }
}

/// A statement that takes too long is not cancelled, only left alone: a cancelled commit may stand without having been
/// replicated. (Behind a pooler without prepared statements it is undone if it had not come to its commit.)
async fn try_write(database: &mut Kept, events: &[NewEvent]) -> Result<Recording, StoreError> {
    within(LONGEST_STATEMENT, async {
        let mut connection = database.take().await?;
        let recording = event::record(&mut connection, events).await?;
        database.keep(connection);
        Ok(recording)
    })
    .await
}

fn note(event: &NewEvent, outcome: Recorded) {
    measures::recorded(event, outcome);
    if let Recorded::Conflicting(id) = outcome {
        tracing::warn!(
            event_id = %id,
            provider = event.provider,
            endpoint = event.endpoint,
            "delivered again with another content: the first stands, this one is kept beside it"
        );
    }
}

fn refused(event: NewEvent, error: &StoreError) -> NotRecorded {
    tracing::error!(%error, "an event was refused by the database");
    let refused = NotRecorded::Refused(Box::new(event));
    measures::not_recorded(refused.label());
    refused
}
