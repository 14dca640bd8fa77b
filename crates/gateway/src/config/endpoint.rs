//! `[endpoints.NAME]`: what one account of a provider calls.

use std::time::Duration;

use mailroom_bootstrap::config::{ConfigError, Secret, list};
use mailroom_providers::{
    Endpoint, Key, ONE_BATCH, PROVIDERS, Provider, Redaction, RedactionSettings, provider_named,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// In seconds, a week: what is signed has to be remembered for as long.
const LONGEST_TOLERANCE: u64 = 7 * 24 * 3_600;

/// What one account of a provider calls, at `/webhooks/{provider}/{name}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointConfig {
    /// Who calls it.
    pub provider: ProviderName,
    /// The URL(s) as the provider sees them, without query, for providers that sign them.
    #[serde(default, with = "list")]
    pub public_urls: Vec<String>,
    /// What is signed with, or checked against: by provider a signing secret, an auth token, a public key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// The one before it, taken as well while it is being changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_secret: Option<Secret>,
    /// What a provider shows that asks by GET whether somebody is there (WhatsApp).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify_token: Option<Secret>,
    /// The ARNs of the topics that may send here (Amazon SNS).
    #[serde(default, with = "list")]
    pub topics: Vec<String>,
    /// The certificate that is signed with, in PEM, where it is not to be fetched (Amazon SNS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// How many seconds a signed time may be off, either way; by default what suits the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance_s: Option<u64>,
    /// The largest request in bytes, at most 4 MB; by default what suits the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_body_bytes: Option<usize>,
    /// With which statuses it is refused.
    #[serde(default)]
    pub refusals: RefusalStatuses,
    /// What is taken out before anything is written down.
    #[serde(default)]
    pub redact: RedactionSettings,
}

/// With which statuses requests are refused that no retry can mend; by default the one by which the provider stops,
/// where it has one.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RefusalStatuses {
    /// In place of 413.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub too_large: Option<u16>,
    /// In place of 415.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsupported_media_type: Option<u16>,
}

/// The name of a provider that there is an adapter for.
#[derive(Debug, Clone, Copy)]
pub struct ProviderName(&'static dyn Provider);

impl ProviderName {
    /// The provider.
    pub const fn provider(self) -> &'static dyn Provider {
        self.0
    }
}

impl Serialize for ProviderName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for ProviderName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        provider_named(&name).map(Self).ok_or_else(|| {
            let known: Vec<&str> = PROVIDERS.iter().map(|provider| provider.name()).collect();
            de::Error::custom(format!("one of {}", known.join(", ")))
        })
    }
}

impl EndpointConfig {
    /// What the adapters see of it.
    pub fn endpoint(&self) -> Endpoint {
        let keys = [self.secret.as_ref(), self.previous_secret.as_ref()];
        Endpoint {
            public_urls: self.public_urls.clone(),
            keys: keys
                .into_iter()
                .flatten()
                .map(|secret| Key::new(secret.expose()))
                .collect(),
            verify_token: self.verify_token.as_ref().map(|token| Key::new(token.expose())),
            topics: self.topics.clone(),
            certificate: self.certificate.clone(),
            tolerance: self.tolerance_s.map(Duration::from_secs),
        }
    }

    /// The largest request that it takes, in bytes.
    pub fn body_limit(&self) -> usize {
        self.max_body_bytes
            .unwrap_or_else(|| self.provider.provider().body_limit())
    }

    pub(crate) fn check(&self, name: &str) -> Result<(), ConfigError> {
        let path = |setting: &str| format!("endpoints.{name}.{setting}");
        let provider = self.provider.provider();
        let secrets = [
            ("secret", &self.secret),
            ("previous_secret", &self.previous_secret),
            ("verify_token", &self.verify_token),
        ];
        for (setting, secret) in secrets {
            if secret.as_ref().is_some_and(Secret::is_empty) {
                return Err(ConfigError::refused(&path(setting), "a secret that is not empty"));
            }
        }
        if provider.needs_key() && self.secret.is_none() {
            return Err(ConfigError::missing(&path("secret")));
        }
        if let Some((setting, expected)) = provider.lacks(&self.endpoint()) {
            return Err(ConfigError::refused(&path(setting), expected));
        }
        if self
            .tolerance_s
            .is_some_and(|seconds| seconds > LONGEST_TOLERANCE)
        {
            return Err(ConfigError::refused(
                &path("tolerance_s"),
                "at most 604800, a week",
            ));
        }
        if self
            .max_body_bytes
            .is_some_and(|bytes| bytes == 0 || bytes > ONE_BATCH)
        {
            return Err(ConfigError::refused(&path("max_body_bytes"), "1 to 4194304"));
        }
        for (setting, status) in [
            ("refusals.too_large", self.refusals.too_large),
            (
                "refusals.unsupported_media_type",
                self.refusals.unsupported_media_type,
            ),
        ] {
            if status.is_some_and(|status| !(400..500).contains(&status)) {
                return Err(ConfigError::refused(&path(setting), "a status from 400 to 499"));
            }
        }
        Redaction::new(&self.redact)
            .map_err(|problem| ConfigError::refused(&path("redact"), problem.to_string()))?;
        Ok(())
    }
}
