//! Signatures of Standard Webhooks: over `id.timestamp.body`, a list of them for when keys change.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{ED25519, UnparsedPublicKey};
use sha2::Sha256;

use super::{
    keys::VerifyingKey,
    metadata::{Metadata, signed, time},
};
use crate::{Endpoint, Request, Unverified, Verified, verdict::timely};

/// What the specification's own libraries take.
const TOLERANCE: Duration = Duration::from_mins(5);
/// Of a list of signatures, so many are tried.
const MOST_TRIED: usize = 16;

pub(super) fn verify(request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
    let signed = signed(request);
    let (metadata, list) = signed.unwrap_or((
        Metadata {
            id: "",
            timestamp: "",
        },
        "",
    ));
    let claimed = Claimed::parse(list);
    // Computed whatever is wrong, so that the time it takes tells nothing.
    let key = fitting(endpoint, metadata, request.body, &claimed);
    if signed.is_none() {
        return Err(Unverified::Missing);
    }
    if claimed.shared.is_empty() && claimed.public.is_empty() {
        return Err(Unverified::Malformed);
    }
    let key = key.ok_or(Unverified::Mismatch)?;
    let signed = time(metadata.timestamp).ok_or(Unverified::Malformed)?;
    timely(signed, request.now, endpoint, TOLERANCE)?;
    Ok(Verified::by(key))
}

/// The signatures that a request carries, by what they are made with.
#[derive(Default)]
struct Claimed {
    /// `v1`
    shared: Vec<Vec<u8>>,
    /// `v1a`
    public: Vec<Vec<u8>>,
}

impl Claimed {
    /// Reads the list. Signatures of a kind that is not known are passed over: there may be a `v2` one day.
    fn parse(list: &str) -> Self {
        let mut claimed = Self::default();
        for (version, text) in list
            .split(' ')
            .take(MOST_TRIED)
            .filter_map(|item| item.split_once(','))
        {
            let Ok(signature) = BASE64_STANDARD.decode(text) else {
                continue;
            };
            match version {
                "v1" => claimed.shared.push(signature),
                "v1a" => claimed.public.push(signature),
                _ => {}
            }
        }
        claimed
    }
}

/// Which of the endpoint's keys made one of these signatures.
fn fitting(endpoint: &Endpoint, metadata: Metadata<'_>, body: &[u8], claimed: &Claimed) -> Option<usize> {
    let parts = [
        metadata.id.as_bytes(),
        b".",
        metadata.timestamp.as_bytes(),
        b".",
        body,
    ];
    let mut fitting = None;
    for (index, key) in endpoint.keys.iter().enumerate() {
        let fits = match VerifyingKey::parse(key) {
            Some(VerifyingKey::Shared(secret)) => is_shared(&secret, &parts, &claimed.shared),
            Some(VerifyingKey::Public(public)) => is_public(&public, &parts, &claimed.public),
            None => false,
        };
        if fits {
            fitting = fitting.or(Some(index));
        }
    }
    fitting
}

fn is_shared(secret: &[u8], parts: &[&[u8]], claimed: &[Vec<u8>]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return false;
    };
    for part in parts {
        mac.update(part);
    }
    claimed.iter().fold(false, |fits, signature| {
        mac.clone().verify_slice(signature).is_ok() | fits
    })
}

fn is_public(public: &[u8], parts: &[&[u8]], claimed: &[Vec<u8>]) -> bool {
    if claimed.is_empty() {
        return false;
    }
    let (key, content) = (UnparsedPublicKey::new(&ED25519, public), parts.concat());
    claimed.iter().fold(false, |fits, signature| {
        key.verify(&content, signature).is_ok() | fits
    })
}

#[cfg(test)]
mod tests;
