//! Signs as Amazon SNS does.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use serde_json::Value;

use super::{NAME, Sns, envelope::Envelope, signature::signed_text};
use crate::signing::{Outgoing, Signer};

/// An RSA key of mailroom's own. It opens nothing: Amazon signs with another, and an endpoint takes this one only when
/// its settings pin the certificate below.
const DEMO_KEY: &str = include_str!("demo/key.pem");
/// The self-signed certificate of that key, valid until 2056.
const DEMO_CERTIFICATE: &str = include_str!("demo/certificate.pem");

impl Signer for Sns {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demo_keys(&self) -> (&'static str, &'static str) {
        (DEMO_KEY, DEMO_CERTIFICATE)
    }

    /// Signs by `SignatureVersion` 2. What is no envelope stays unsigned, as raw
    /// message delivery is.
    fn sign(&self, mut request: Outgoing, key: &str, now: DateTime<Utc>, _: [u8; 16]) -> Outgoing {
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(&request.body) else {
            return request;
        };
        let timestamp = now.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        fields.insert("Timestamp".to_owned(), timestamp.into());
        fields.insert("SignatureVersion".to_owned(), "2".into());
        let signature = signature(&fields, key).unwrap_or_default();
        fields.insert("Signature".to_owned(), signature.into());
        request.body = Value::Object(fields).to_string().into_bytes();
        request
    }
}

/// `None` when there is nothing to sign, or the key is none.
fn signature(fields: &serde_json::Map<String, Value>, key: &str) -> Option<String> {
    let envelope = Envelope::parse(&serde_json::to_vec(fields).ok()?).ok()?;
    let text = signed_text(&envelope)?;
    let key = PrivatePkcs8KeyDer::from_pem_slice(key.as_bytes()).ok()?;
    let key = RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).ok()?;
    let mut signature = vec![0; key.public().modulus_len()];
    // The randomness keeps the key from leaking through timing; the signature does not depend on it.
    let randomness = SystemRandom::new();
    key.sign(&RSA_PKCS1_SHA256, &randomness, text.as_bytes(), &mut signature)
        .ok()?;
    Some(BASE64_STANDARD.encode(signature))
}
