//! An endpoint: what one account of a provider calls, and what it signs with.

use std::{fmt, time::Duration};

/// A channel configuration as the adapters see it.
#[derive(Debug, Clone, Default)]
pub struct Endpoint {
    /// The URL(s) as the provider sees them, without query.
    pub public_urls: Vec<String>,
    /// Keys that are taken, the current one first: a signing secret, an auth token, a public key, by provider.
    pub keys: Vec<Key>,
    /// What a provider that asks by GET must show (WhatsApp: `hub.verify_token`).
    pub verify_token: Option<Key>,
    /// Topics that may send here (Amazon SNS: ARNs).
    pub topics: Vec<String>,
    /// The certificate that is signed with, in PEM, where it is not to be fetched (Amazon SNS).
    pub certificate: Option<String>,
    /// How far a signed time may be off, where it is not to be the provider's usual.
    pub tolerance: Option<Duration>,
}

/// A key, which is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Takes a key as it was configured.
    pub fn new(key: &str) -> Self {
        Self(key.to_owned())
    }

    /// The key itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}
