//! Shows credentials as Postmark does.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};

use super::{NAME, Postmark};
use crate::signing::{Outgoing, Signer};

impl Signer for Postmark {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demo_keys(&self) -> (&'static str, &'static str) {
        ("demo-postmark:demo-password", "demo-postmark:demo-password")
    }

    fn sign(&self, mut request: Outgoing, key: &str, _: DateTime<Utc>, _: [u8; 16]) -> Outgoing {
        request.set("authorization", format!("Basic {}", BASE64_STANDARD.encode(key)));
        request
    }
}
