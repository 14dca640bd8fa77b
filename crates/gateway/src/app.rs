//! What request handlers share.

use std::time::Duration;

use mailroom_bootstrap::stop::Stop;
use mailroom_domain::{ErrorCode, Lane, NewEvent};
use mailroom_providers::{Incoming, Once, Provider, Redaction, direct};
use mailroom_store::{PgPool, token};

use crate::{
    body::Patience,
    clock::Clock,
    endpoints::Endpoints,
    error::ApiError,
    ids::Ids,
    measures,
    outside::Outside,
    recorder::{Answers, NotRecorded, Recorder},
    trace,
};

/// Shared by all handlers on all threads.
#[derive(Debug)]
pub(crate) struct App {
    pub pool: PgPool,
    pub recorder: Recorder,
    pub endpoints: Endpoints,
    pub direct_redaction: Redaction,
    pub clock: Clock,
    pub outside: Outside,
    pub ids: Ids,
    pub body_timeout: Duration,
    pub stop: Stop,
    pub allows_unsigned: bool,
}

impl App {
    /// Writes down what a call to `/api` held; when this returns it is committed.
    pub(crate) async fn record_direct(&self, mut incoming: Incoming, endpoint: &str) -> Result<(), ApiError> {
        self.direct_redaction.apply(&mut incoming, direct::LOAD_BEARING);
        let event = self.new_event(incoming, direct::NAME, endpoint);
        match self.record(vec![event]).await?.pop() {
            Some(Err(reason)) => Err(reason.into()),
            _ => Ok(()),
        }
    }

    /// Writes down all that a provider's request held; when this returns it is committed.
    pub(crate) async fn record_all(
        &self,
        events: Vec<Incoming>,
        provider: &'static dyn Provider,
        endpoint: &str,
    ) -> Result<(), ApiError> {
        if events.is_empty() {
            return Ok(());
        }
        let given: Vec<NewEvent> = events
            .into_iter()
            .map(|incoming| self.new_event(incoming, provider.name(), endpoint))
            .collect();
        let mut refused = Vec::new();
        for (event, answer) in given.iter().zip(self.record(given.clone()).await?) {
            match answer {
                Ok(_) => {}
                Err(NotRecorded::Refused) => refused.push(event),
                Err(reason) => return Err(reason.into()),
            }
        }
        if refused.is_empty() {
            return Ok(());
        }
        // What the database refuses as it was read is kept as it was received.
        let why = (ErrorCode::Refused, "the database refused it as it was read");
        let quarantined = refused.into_iter().map(|event| {
            let (headers, payload) = (event.headers.clone(), event.payload.as_bytes());
            let kept = Incoming::quarantined(provider.name(), endpoint, event.channel, headers, payload, why);
            self.new_event(kept, provider.name(), endpoint)
        });
        let answers = self.record(quarantined.collect()).await?;
        answers
            .into_iter()
            .try_for_each(|answer| answer.map(|_| ()).map_err(ApiError::from))
    }

    /// Whether the token that a request came with was used before, with another content. Notes that it is used.
    pub(crate) async fn has_seen_other(
        &self,
        provider: &dyn Provider,
        once: &Once,
    ) -> Result<bool, ApiError> {
        let used = token::claim_once(&self.pool, provider.name(), &once.token, &once.content).await?;
        Ok(used == token::Use::Other)
    }

    async fn record(&self, events: Vec<NewEvent>) -> Result<Answers, ApiError> {
        self.recorder.record(events).await.map_err(|reason| {
            if reason == NotRecorded::Busy {
                measures::not_recorded(reason.label());
            }
            reason.into()
        })
    }

    fn new_event(&self, incoming: Incoming, provider: &str, endpoint: &str) -> NewEvent {
        let id = self.ids.event(Lane::of(&incoming.conversation_key));
        incoming.into_event(id, provider, endpoint, trace::traceparent())
    }

    /// How long a request's body is waited for.
    pub(crate) const fn patience(&self) -> Patience<'_> {
        Patience {
            timeout: self.body_timeout,
            stop: &self.stop,
        }
    }

    /// Lets a call to `/api` pass, or refuses it for want of a signature.
    pub(crate) const fn admit_unsigned(&self) -> Result<(), ApiError> {
        if self.allows_unsigned {
            Ok(())
        } else {
            Err(ApiError::UnsignedCall)
        }
    }
}
