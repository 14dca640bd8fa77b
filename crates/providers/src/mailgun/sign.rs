//! Signs as Mailgun does: by fields in the body.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Mailgun, NAME, media_type};
use crate::{
    MediaType,
    incoming::{hash, hex},
    signing::{Outgoing, Signer},
};

impl Signer for Mailgun {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demo_keys(&self) -> (&'static str, &'static str) {
        ("demo-mailgun-signing-key", "demo-mailgun-signing-key")
    }

    fn sign(&self, mut request: Outgoing, key: &str, now: DateTime<Utc>, nonce: [u8; 16]) -> Outgoing {
        let timestamp = now.timestamp().to_string();
        let mut token = hex(hash(&nonce));
        token.truncate(50);
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(timestamp.as_bytes());
        mac.update(token.as_bytes());
        let signature = hex(mac.finalize().into_bytes().into());
        let fields = [
            ("timestamp", timestamp),
            ("token", token),
            ("signature", signature),
        ];
        let content_type = request.headers.iter().find(|(name, _)| name == "content-type");
        let content_type = content_type.map_or("", |(_, value)| value.as_str());
        // The first field of a name counts, so a request that is signed already is signed anew.
        match media_type(content_type) {
            MediaType::Form => {
                let pairs = fields.map(|(name, value)| format!("{name}={value}&"));
                request.body.splice(0..0, pairs.concat().into_bytes());
            }
            MediaType::Multipart => {
                let boundary = multer::parse_boundary(content_type).unwrap_or_default();
                let parts = fields.map(|(name, value)| {
                    format!(
                        "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                    )
                });
                request.body.splice(0..0, parts.concat().into_bytes());
            }
            MediaType::Json | MediaType::Text => {
                if let Ok(Value::Object(mut body)) = serde_json::from_slice(&request.body) {
                    let [(_, timestamp), (_, token), (_, signature)] = fields;
                    let signed = json!({ "timestamp": timestamp, "token": token, "signature": signature });
                    body.insert("signature".to_owned(), signed);
                    request.body = Value::Object(body).to_string().into_bytes();
                }
            }
        }
        request
    }
}
