//! Shows the token as Telegram does.

use chrono::{DateTime, Utc};

use super::{NAME, Telegram};
use crate::signing::{Outgoing, Signer};

impl Signer for Telegram {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demo_keys(&self) -> (&'static str, &'static str) {
        ("demo-telegram-secret-token", "demo-telegram-secret-token")
    }

    fn sign(&self, mut request: Outgoing, key: &str, _: DateTime<Utc>, _: [u8; 16]) -> Outgoing {
        request.set("x-telegram-bot-api-secret-token", key.to_owned());
        request
    }
}
