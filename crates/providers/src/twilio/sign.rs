//! Signs as Twilio does.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::{NAME, Twilio, signature::signed_fields};
use crate::{
    form::Form,
    incoming::{hash, hex},
    signing::{Outgoing, Signer},
};

impl Signer for Twilio {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demo_keys(&self) -> (&'static str, &'static str) {
        ("demo-twilio-auth-token", "demo-twilio-auth-token")
    }

    fn sign(&self, mut request: Outgoing, key: &str, _: DateTime<Utc>, _: [u8; 16]) -> Outgoing {
        let is_json = |(name, value): &(String, String)| {
            name == "content-type" && value.starts_with("application/json")
        };
        let fields = if request.headers.iter().any(is_json) {
            let digest = hex(hash(&request.body));
            let joined = if request.query.is_empty() { "" } else { "&" };
            request.query = format!("{}{joined}bodySHA256={digest}", request.query);
            String::new()
        } else {
            signed_fields(&Form::decode(&request.body))
        };
        let asked = if request.query.is_empty() { "" } else { "?" };
        let signed = format!("{}{asked}{}{fields}", request.url, request.query);
        let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(signed.as_bytes());
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        request.set("x-twilio-signature", signature);
        request
    }
}
