//! Signs as GitHub does.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{GitHub, NAME};
use crate::{
    incoming::hex,
    signing::{Outgoing, Signer},
};

impl Signer for GitHub {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demo_keys(&self) -> (&'static str, &'static str) {
        ("demo-github-webhook-secret", "demo-github-webhook-secret")
    }

    fn sign(&self, mut request: Outgoing, key: &str, _: DateTime<Utc>, nonce: [u8; 16]) -> Outgoing {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(&request.body);
        let signature = format!("sha256={}", hex(mac.finalize().into_bytes().into()));
        request.set("x-hub-signature-256", signature);
        // A request that has an id is one delivered again.
        if !request
            .headers
            .iter()
            .any(|(name, _)| name == "x-github-delivery")
        {
            let id = format!("{:032x}", u128::from_be_bytes(nonce));
            let grouped = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-");
            request.set("x-github-delivery", grouped);
        }
        request
    }
}
