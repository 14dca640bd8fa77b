//! An account with each provider: what signs its requests, and what verifies them.

use chrono::{DateTime, TimeDelta, Utc};
use mailroom_domain::{ClaimToken, ClaimedEvent, EventId, Lane};
use mailroom_providers::signing::{Outgoing, SIGNERS, Signer};
use mailroom_providers::{
    Delivery, Endpoint, Incoming, Key, PROVIDERS, Provider, Request, Unverified, Verified, provider_named,
};

use crate::fixture::{Fixture, fixtures};

pub(crate) const ENDPOINT: &str = "demo";

/// When everything is signed and received.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_795_000_000)
}

/// A provider with an account.
pub(crate) struct Account {
    pub(crate) provider: &'static dyn Provider,
    pub(crate) signer: &'static dyn Signer,
    pub(crate) endpoint: Endpoint,
}

/// An account with every provider; one without a signer or fixtures is an error.
pub(crate) fn accounts() -> Vec<Account> {
    assert_eq!(PROVIDERS.len(), SIGNERS.len(), "every provider has a signer");
    SIGNERS.iter().map(|signer| Account::new(*signer)).collect()
}

impl Account {
    fn new(signer: &'static dyn Signer) -> Self {
        let provider = provider_named(signer.name()).unwrap();
        let mut endpoint = Endpoint {
            public_urls: vec![format!(
                "https://mailroom.example/webhooks/{}/{ENDPOINT}",
                signer.name()
            )],
            verify_token: Some(Key::new("demo-verify-token")),
            ..Endpoint::default()
        };
        let key = signer.demo_keys().1;
        if provider.needs_key() {
            endpoint.keys = vec![Key::new(key)];
        } else {
            endpoint.certificate = Some(key.to_owned());
            endpoint.topics = topics(provider.name());
        }
        assert_eq!(provider.lacks(&endpoint), None);
        Self {
            provider,
            signer,
            endpoint,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.provider.name()
    }

    pub(crate) fn fixtures(&self) -> Vec<Fixture> {
        fixtures(self.name())
    }

    /// A fixture signed as the provider signs.
    pub(crate) fn sign(&self, request: &Outgoing, nonce: u8) -> Outgoing {
        self.sign_at(request, nonce, now())
    }

    /// The same at another time.
    pub(crate) fn sign_at(&self, request: &Outgoing, nonce: u8, now: DateTime<Utc>) -> Outgoing {
        self.signer
            .sign(request.clone(), self.signer.demo_keys().0, now, [nonce; 16])
    }

    pub(crate) fn verify(&self, request: &Outgoing) -> Result<Verified, Unverified> {
        self.verify_at(request, now())
    }

    pub(crate) fn verify_at(&self, request: &Outgoing, now: DateTime<Utc>) -> Result<Verified, Unverified> {
        self.provider.verify(&received(request, now), &self.endpoint)
    }

    pub(crate) fn split(&self, request: &Outgoing) -> Delivery {
        self.provider.split(&received(request, now()), ENDPOINT)
    }

    /// The events of a request; none for a handshake.
    pub(crate) fn events(&self, request: &Outgoing) -> Vec<Incoming> {
        match self.split(request) {
            Delivery::Events(split) => split.events,
            Delivery::Handshake(_) | Delivery::Confirm(_) => Vec::new(),
        }
    }

    /// The event as a worker claims it.
    pub(crate) fn claimed(&self, incoming: &Incoming) -> ClaimedEvent {
        ClaimedEvent {
            id: EventId::new(Lane::of(&incoming.conversation_key), [7; 16]),
            arrival: 1,
            token: ClaimToken::new([1; 16]),
            channel: incoming.channel,
            provider: self.name().to_owned(),
            endpoint: ENDPOINT.to_owned(),
            kind: incoming.kind,
            conversation_key: incoming.conversation_key.clone(),
            payload: incoming.payload.clone(),
            headers: incoming.headers.clone(),
            attempt: 1,
            created_at: now(),
            trace_context: None,
        }
    }
}

fn topics(provider: &str) -> Vec<String> {
    let named = fixtures(provider).into_iter().filter_map(|fixture| {
        let body: serde_json::Value = serde_json::from_slice(&fixture.request.body).ok()?;
        Some(body["TopicArn"].as_str()?.to_owned())
    });
    named.collect()
}

/// A request as the gateway gets it.
pub(crate) fn received(request: &Outgoing, now: DateTime<Utc>) -> Request<'_> {
    Request {
        is_get: false,
        query: &request.query,
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect(),
        body: &request.body,
        certificate: None,
        now,
    }
}
