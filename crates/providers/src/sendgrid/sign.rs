//! Signs as SendGrid does.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};

use super::{
    NAME, SendGrid,
    signature::{SIGNATURE, TIMESTAMP},
};
use crate::signing::{Outgoing, Signer};

/// A key pair made for demonstrations: it opens nothing anywhere. PKCS#8 in base64.
const DEMO_PRIVATE_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSzkSvA3KLVtNh/dwvXfsrRfJ8vwgzgheGDmXimZPHtihRANCA\
                                AQRc1kjGEieqq1dYGqhvtaMmwk9SOpb1jX3HPactXxlxCXUnfj23vxqioeIXdkJBoGE3LjDX/7adzDXVb7r4Zjo";
/// Its public half as SendGrid shows it: base64 of the `SubjectPublicKeyInfo`.
const DEMO_PUBLIC_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEXNZIxhInqqtXWBqob7WjJsJPUjqW9Y19xz2nLV8ZcQl1J349t78aoqHiF3ZC\
                               QaBhNy4w1/+2ncw11W+6+GY6A==";

impl Signer for SendGrid {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demo_keys(&self) -> (&'static str, &'static str) {
        (DEMO_PRIVATE_KEY, DEMO_PUBLIC_KEY)
    }

    // ECDSA draws a number of its own for each signature, from the system: the nonce given is too short for it.
    fn sign(&self, mut request: Outgoing, key: &str, now: DateTime<Utc>, _: [u8; 16]) -> Outgoing {
        let random = SystemRandom::new();
        let key = BASE64_STANDARD.decode(key).expect("the key is base64");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key, &random)
            .expect("the key is a P-256 key in PKCS#8");
        let timestamp = now.timestamp().to_string();
        let signed = [timestamp.as_bytes(), &request.body].concat();
        let signature = pair
            .sign(&random, &signed)
            .expect("the system has random numbers");
        request.set(SIGNATURE, BASE64_STANDARD.encode(signature.as_ref()));
        request.set(TIMESTAMP, timestamp);
        request
    }
}
