//! Endpoints: what providers call, looked up by the name in their URL.

use std::collections::BTreeMap;

use mailroom_providers::{BadRedaction, Endpoint, Key, Provider, Redaction};

use crate::{
    config::{EndpointConfig, RefusalStatuses},
    error::ApiError,
};

/// The configured endpoints. The same lookup will serve those in the directory.
#[derive(Debug)]
pub(crate) struct Endpoints {
    known: BTreeMap<String, Account>,
    stranger: Endpoint,
}

/// One account of a provider, ready to be called.
#[derive(Debug)]
pub(crate) struct Account {
    pub provider: &'static dyn Provider,
    pub endpoint: Endpoint,
    pub redaction: Redaction,
    pub body_limit: usize,
    pub refusals: RefusalStatuses,
}

impl Endpoints {
    /// # Errors
    /// [`BadRedaction`] when one's redaction settings make no sense.
    pub(crate) fn new(configured: &BTreeMap<String, EndpointConfig>) -> Result<Self, BadRedaction> {
        let known = configured
            .iter()
            .map(|(name, config)| Ok((name.clone(), Account::new(config)?)));
        Ok(Self {
            known: known.collect::<Result<_, _>>()?,
            stranger: Endpoint {
                public_urls: vec!["https://unknown.invalid/".to_owned()],
                keys: vec![Key::new("no endpoint has this key")],
                verify_token: Some(Key::new("no endpoint has this token")),
                ..Endpoint::default()
            },
        })
    }

    /// The endpoint of this name, if this provider may call it.
    pub(crate) fn find(&self, provider: &dyn Provider, name: &str) -> Option<&Account> {
        self.known
            .get(name)
            .filter(|account| account.provider.name() == provider.name())
    }

    /// What an unknown endpoint is checked against, so that it costs what a known one costs.
    pub(crate) const fn stranger(&self) -> &Endpoint {
        &self.stranger
    }

    /// All of them, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Account)> {
        self.known.iter().map(|(name, account)| (name.as_str(), account))
    }
}

impl Account {
    fn new(config: &EndpointConfig) -> Result<Self, BadRedaction> {
        let provider = config.provider.provider();
        let usual = Self::refusals_of(provider);
        Ok(Self {
            provider,
            endpoint: config.endpoint(),
            redaction: Redaction::new(&config.redact)?,
            body_limit: config.body_limit(),
            refusals: RefusalStatuses {
                too_large: config.refusals.too_large.or(usual.too_large),
                unsupported_media_type: config
                    .refusals
                    .unsupported_media_type
                    .or(usual.unsupported_media_type),
            },
        })
    }

    /// With which statuses a provider is refused that is not told otherwise.
    pub(crate) fn refusals_of(provider: &dyn Provider) -> RefusalStatuses {
        let stop = provider.refusals().stop;
        RefusalStatuses {
            too_large: stop,
            unsupported_media_type: stop,
        }
    }
}

impl RefusalStatuses {
    /// The refusal with the status that is meant for it here.
    pub(crate) fn apply(self, refusal: ApiError) -> ApiError {
        let status = match refusal {
            ApiError::BodyTooLarge(_) | ApiError::EventsTooLarge(_) => self.too_large,
            ApiError::UnsupportedMediaType(_) => self.unsupported_media_type,
            _ => None,
        };
        refusal.with_status(status)
    }
}
