//! Signs as Meta does.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{NAME, Whatsapp};
use crate::{
    incoming::hex,
    signing::{Outgoing, Signer},
};

impl Signer for Whatsapp {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demo_keys(&self) -> (&'static str, &'static str) {
        ("demo-whatsapp-app-secret", "demo-whatsapp-app-secret")
    }

    fn sign(&self, mut request: Outgoing, key: &str, _: DateTime<Utc>, _: [u8; 16]) -> Outgoing {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(&request.body);
        let signature = format!("sha256={}", hex(mac.finalize().into_bytes().into()));
        request.set("x-hub-signature-256", signature);
        request
    }
}
