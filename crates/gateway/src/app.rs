//! What request handlers share.

use std::time::Duration;

use mailroom_bootstrap::stop::Stop;
use mailroom_domain::{Lane, NewEvent};
use mailroom_providers::Incoming;
use mailroom_store::PgPool;

use crate::{
    body::Patience,
    endpoints::Endpoints,
    error::ApiError,
    ids::Ids,
    measures,
    recorder::{NotRecorded, Recorder},
    trace,
};

/// Shared by all handlers on all threads.
#[derive(Debug)]
pub(crate) struct App {
    pub pool: PgPool,
    pub recorder: Recorder,
    pub endpoints: Endpoints,
    pub ids: Ids,
    pub body_timeout: Duration,
    pub stop: Stop,
    pub allows_unsigned: bool,
}

impl App {
    /// Writes down what a request held; when this returns it is committed.
    pub(crate) async fn record(
        &self,
        incoming: Incoming,
        provider: &str,
        endpoint: &str,
    ) -> Result<(), ApiError> {
        let event = NewEvent {
            id: self.ids.event(Lane::of(&incoming.conversation_key)),
            channel: incoming.channel,
            provider: provider.to_owned(),
            endpoint: endpoint.to_owned(),
            kind: incoming.kind,
            sender: incoming.sender,
            recipient: incoming.recipient,
            conversation_key: incoming.conversation_key,
            provider_message_id: incoming.provider_message_id,
            payload: incoming.payload,
            body_hash: incoming.body_hash,
            trace_context: trace::traceparent(),
        };
        match self.recorder.record(event).await {
            Ok(_) => Ok(()),
            Err(reason) => {
                if reason == NotRecorded::Busy {
                    measures::not_recorded(reason.label());
                }
                Err(reason.into())
            }
        }
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
