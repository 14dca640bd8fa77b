//! Keys of Standard Webhooks: the prefix says which algorithm a key is for, and it is used with no other.

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::Key;

/// What a signature is checked with.
pub(super) enum VerifyingKey {
    /// `whsec_`: a shared secret, for `v1`.
    Shared(Vec<u8>),
    /// `whpk_`: the public half of an Ed25519 key pair, for `v1a`.
    Public([u8; 32]),
}

impl VerifyingKey {
    /// Reads a key as the specification writes it, and takes it no other way: a key without its prefix could be meant
    /// for either algorithm.
    pub(super) fn parse(key: &Key) -> Option<Self> {
        let key = key.expose();
        if let Some(secret) = key.strip_prefix("whsec_") {
            let secret = BASE64_STANDARD.decode(secret).ok()?;
            (24..=64).contains(&secret.len()).then_some(Self::Shared(secret))
        } else {
            let public = BASE64_STANDARD.decode(key.strip_prefix("whpk_")?).ok()?;
            public.try_into().ok().map(Self::Public)
        }
    }
}
