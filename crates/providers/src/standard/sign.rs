//! Signs as senders of Standard Webhooks do.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::Ed25519KeyPair;
use sha2::Sha256;

use super::{NAME, Standard};
use crate::signing::{Outgoing, Signer};

impl Signer for Standard {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demo_keys(&self) -> (&'static str, &'static str) {
        let secret = "whsec_ZGVtby1zdGFuZGFyZC13ZWJob29rcy1zZWNyZXQ=";
        (secret, secret)
    }

    /// With `whsec_` a shared secret, with `whsk_` an Ed25519 key. A request that has a `svix-id` is signed under those
    /// names; one that has an id at all is one sent again.
    fn sign(&self, mut request: Outgoing, key: &str, now: DateTime<Utc>, nonce: [u8; 16]) -> Outgoing {
        let given = |request: &Outgoing, name: &str| {
            let header = request.headers.iter().find(|(given, _)| given == name);
            header.map(|(_, value)| value.clone())
        };
        let prefix = if given(&request, "svix-id").is_some() {
            "svix"
        } else {
            "webhook"
        };
        let id = given(&request, &format!("{prefix}-id"))
            .unwrap_or_else(|| format!("msg_{:032x}", u128::from_be_bytes(nonce)));
        let timestamp = now.timestamp().to_string();
        let content = [id.as_bytes(), b".", timestamp.as_bytes(), b".", &request.body].concat();
        request.set(&format!("{prefix}-signature"), signature(key, &content));
        request.set(&format!("{prefix}-id"), id);
        request.set(&format!("{prefix}-timestamp"), timestamp);
        request
    }
}

fn signature(key: &str, content: &[u8]) -> String {
    let (prefix, secret) = key.split_once('_').expect("a key begins with whsec_ or whsk_");
    let secret = BASE64_STANDARD.decode(secret).expect("a key is base64");
    if prefix == "whsk" {
        // The specification's libraries write the seed alone, others the seed and the public key.
        let seed = secret.get(..32).expect("an Ed25519 key has 32 bytes");
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a seed");
        format!("v1a,{}", BASE64_STANDARD.encode(pair.sign(content)))
    } else {
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).expect("HMAC takes keys of any length");
        mac.update(content);
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}
