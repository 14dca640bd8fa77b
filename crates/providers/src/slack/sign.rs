//! Signs as Slack does.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{NAME, Slack};
use crate::{
    incoming::hex,
    signing::{Outgoing, Signer},
};

impl Signer for Slack {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demo_keys(&self) -> (&'static str, &'static str) {
        ("demo-slack-signing-secret", "demo-slack-signing-secret")
    }

    fn sign(&self, mut request: Outgoing, key: &str, now: DateTime<Utc>, _: [u8; 16]) -> Outgoing {
        let timestamp = now.timestamp().to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        for part in [b"v0:", timestamp.as_bytes(), b":", &request.body] {
            mac.update(part);
        }
        let signature = format!("v0={}", hex(mac.finalize().into_bytes().into()));
        request.set("x-slack-request-timestamp", timestamp);
        request.set("x-slack-signature", signature);
        request
    }
}
