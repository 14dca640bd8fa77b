//! Endpoints: what providers call, looked up by the name in their URL.

use std::collections::BTreeMap;

use mailroom_bootstrap::config::Secret;

use crate::config::{EndpointConfig, Provider};

/// The configured endpoints. The same lookup will serve those in the directory.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints(BTreeMap<String, EndpointConfig>);

impl Endpoints {
    pub(crate) const fn new(configured: BTreeMap<String, EndpointConfig>) -> Self {
        Self(configured)
    }

    /// The endpoint of this name, if this provider may call it.
    pub(crate) fn find(&self, provider: Provider, name: &str) -> Option<&EndpointConfig> {
        self.0.get(name).filter(|endpoint| endpoint.provider == provider)
    }
}

impl EndpointConfig {
    /// Secrets that are taken, the current one first.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        [Some(&self.secret), self.previous_secret.as_ref()]
            .into_iter()
            .flatten()
            .map(Secret::expose)
            .collect()
    }
}
