//! What became of checking a signature.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::Endpoint;

/// A request is from who it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Which of the endpoint's keys fitted.
    pub key: usize,
    /// Where the signature does not cover the body: a token that may come with one content only.
    pub once: Option<Once>,
}

impl Verified {
    /// By this key, and the signature covers everything.
    pub const fn by(key: usize) -> Self {
        Self { key, once: None }
    }
}

/// A token good for one content: with another it is a forgery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// SHA-256 of the token.
    pub token: [u8; 32],
    /// SHA-256 of the content it came with.
    pub content: [u8; 32],
}

/// Why a request is not taken for genuine. For the operator only: whoever sent it is told the same for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unverified {
    /// It carries no signature.
    #[error("no signature where the provider puts it")]
    Missing,
    /// What it carries cannot be one.
    #[error("the signature is malformed")]
    Malformed,
    /// It fits none of the keys.
    #[error("the signature fits none of the keys")]
    Mismatch,
    /// It was signed too long ago.
    #[error("it was signed too long ago")]
    TooOld,
    /// It was signed too far in the future.
    #[error("it was signed too far in the future")]
    TooNew,
    /// It is genuine, and for somebody else.
    #[error("it comes from a topic or account that this endpoint is not for")]
    NotForUs,
    /// The certificate it is signed with cannot be had, or is not the provider's.
    #[error("the certificate it is signed with cannot be had or is not the provider's")]
    NoCertificate,
    /// Its token came before, with another content.
    #[error("its token was used before, with another content")]
    Reused,
    /// There is no such endpoint.
    #[error("there is no such endpoint")]
    UnknownEndpoint,
}

impl Unverified {
    /// Every cause there is.
    pub const ALL: [Self; 9] = [
        Self::Missing,
        Self::Malformed,
        Self::Mismatch,
        Self::TooOld,
        Self::TooNew,
        Self::NotForUs,
        Self::NoCertificate,
        Self::Reused,
        Self::UnknownEndpoint,
    ];

    /// One word, for metrics and logs.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Mismatch => "mismatch",
            Self::TooOld => "too_old",
            Self::TooNew => "too_new",
            Self::NotForUs => "not_for_us",
            Self::NoCertificate => "no_certificate",
            Self::Reused => "reused",
            Self::UnknownEndpoint => "unknown_endpoint",
        }
    }
}

/// Whether a signed time is near enough to now, either way. To be asked after the signature was checked.
pub(crate) fn timely(
    signed: DateTime<Utc>,
    now: DateTime<Utc>,
    endpoint: &Endpoint,
    usual: Duration,
) -> Result<(), Unverified> {
    let tolerance = endpoint.tolerance.unwrap_or(usual);
    let off = now.signed_duration_since(signed);
    match off.abs().to_std() {
        Ok(off) if off <= tolerance => Ok(()),
        _ if off > chrono::TimeDelta::zero() => Err(Unverified::TooOld),
        _ => Err(Unverified::TooNew),
    }
}
