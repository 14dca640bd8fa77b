//! What request handlers share.

use std::{sync::Arc, time::Duration};

use actix_web::web::Bytes;
use mailroom_domain::{ErrorCode, Lane, NewEvent};
use mailroom_providers::{Incoming, Once, Provider, Redaction, direct};
use mailroom_store::{Pool, token, within};

use crate::{
    body::Body,
    clock::Clock,
    endpoints::Endpoints,
    error::ApiError,
    ids::Ids,
    in_flight::{Held, InFlight},
    measures,
    outside::Outside,
    patience::Patience,
    reads::Reads,
    recorder::{Answers, NotRecorded, Recorder},
    trace,
};

/// No token is waited for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Shared by all handlers on all threads.
#[derive(Debug)]
pub(crate) struct App {
    pub reads: Arc<Reads>,
    /// For what requests are noted by beside their events.
    pub tokens: Pool,
    pub recorder: Recorder,
    pub endpoints: Endpoints,
    pub direct_redaction: Redaction,
    pub clock: Clock,
    pub outside: Outside,
    pub ids: Ids,
    pub in_flight: InFlight,
    pub patience: Patience,
    pub allows_unsigned: bool,
}

impl App {
    /// Writes down what a call to `/api` held; when this returns it is committed.
    pub(crate) async fn record_direct(
        &self,
        mut incoming: Incoming,
        endpoint: &str,
        held: &Arc<Held>,
    ) -> Result<(), ApiError> {
        self.direct_redaction.apply(&mut incoming, direct::LOAD_BEARING);
        let event = self.new_event(incoming, direct::NAME, endpoint);
        match self.record(vec![event], held).await?.pop() {
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
        held: &Arc<Held>,
    ) -> Result<(), ApiError> {
        if events.is_empty() {
            return Ok(());
        }
        let events = events
            .into_iter()
            .map(|incoming| self.new_event(incoming, provider.name(), endpoint));
        let mut refused = Vec::new();
        for answer in self.record(events.collect(), held).await? {
            match answer {
                Ok(_) => {}
                Err(NotRecorded::Refused(event)) => refused.push(event),
                Err(reason) => return Err(reason.into()),
            }
        }
        if refused.is_empty() {
            return Ok(());
        }
        // What the database refuses as it was read is kept as it was received.
        let why = (ErrorCode::Refused, "the database refused it as it was read");
        let quarantined = refused.into_iter().map(|event| {
            let (channel, payload) = (event.channel, event.payload.as_bytes());
            let kept = Incoming::quarantined(provider.name(), endpoint, channel, event.headers, payload, why);
            self.new_event(kept, provider.name(), endpoint)
        });
        let answers = self.record(quarantined.collect(), held).await?;
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
        let (pool, name) = (self.tokens.clone(), provider.name());
        let (token, content) = (once.token, once.content);
        // In a task of its own: a client that hangs up must not cancel it half-way.
        let noted = tokio::spawn(async move {
            within(LONGEST_WAIT, token::claim_once(&pool, name, &token, &content)).await
        });
        let used = noted.await.map_err(|_| ApiError::Unavailable)??;
        Ok(used == token::Use::Other)
    }

    async fn record(&self, events: Vec<NewEvent>, held: &Arc<Held>) -> Result<Answers, ApiError> {
        self.recorder
            .record(events, Arc::clone(held))
            .await
            .map_err(|reason| {
                if matches!(reason, NotRecorded::Busy) {
                    measures::not_recorded(reason.label());
                }
                reason.into()
            })
    }

    fn new_event(&self, incoming: Incoming, provider: &str, endpoint: &str) -> NewEvent {
        let id = self
            .ids
            .event(Lane::of(&incoming.conversation_key), self.clock.now());
        incoming.into_event(id, provider, endpoint, trace::traceparent())
    }

    /// What there is of a request without a body.
    pub(crate) fn no_body(&self) -> Body {
        Body {
            bytes: Bytes::new(),
            held: Arc::new(self.in_flight.hold()),
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
