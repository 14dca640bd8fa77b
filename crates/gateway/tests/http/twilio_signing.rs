//! Signs as Twilio does, and what an endpoint for it needs.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::RequestBuilder;
use sha1::Sha1;

use crate::answer::Answer;
use crate::house::House;

pub(crate) const PATH: &str = "/webhooks/twilio/demo";
pub(crate) const PUBLIC_URL: &str = "https://mailroom.example/webhooks/twilio/demo";
pub(crate) const TOKEN: &str = "demo-twilio-auth-token";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// An answer that has Twilio do nothing more.
pub(crate) const EMPTY_REPLY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;

pub(crate) const SETTINGS: [(&str, &str); 3] = [
    ("MAILROOM__ENDPOINTS__DEMO__PROVIDER", "twilio"),
    ("MAILROOM__ENDPOINTS__DEMO__PUBLIC_URLS", PUBLIC_URL),
    ("MAILROOM__ENDPOINTS__DEMO__SECRET", TOKEN),
];

/// A message's fields, in the order in which they are posted.
pub(crate) fn message(id: &str) -> Vec<(&'static str, String)> {
    vec![
        ("ToCountry", "US".to_owned()),
        ("MessageSid", id.to_owned()),
        ("SmsStatus", "received".to_owned()),
        ("From", "+15550100101".to_owned()),
        ("To", "+15550100102".to_owned()),
        ("Body", "Hi \u{1f600} & you".to_owned()),
        ("NumMedia", "0".to_owned()),
    ]
}

/// Base64 HMAC-SHA1 over the URL and every field's name and value, by name.
pub(crate) fn sign(token: &str, url: &str, fields: &[(&str, String)]) -> String {
    let sorted: BTreeMap<_, _> = fields.iter().map(|(name, value)| (*name, value)).collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

pub(crate) fn encoded(fields: &[(&str, String)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).finish()
}

/// A request with a form, not signed yet.
pub(crate) fn post(house: &House, target: &str, fields: &[(&str, String)]) -> RequestBuilder {
    let request = house.client.post(format!("{}{target}", house.base_url));
    request.header("content-type", FORM).body(encoded(fields))
}

/// Posts a form with this signature.
pub(crate) async fn signed(
    house: &House,
    target: &str,
    fields: &[(&str, String)],
    signature: &str,
) -> Answer {
    let request = post(house, target, fields).header("x-twilio-signature", signature);
    Answer::of(request.send().await.unwrap()).await
}

/// Posts a form signed rightly.
pub(crate) async fn deliver(house: &House, fields: &[(&str, String)]) -> Answer {
    signed(house, PATH, fields, &sign(TOKEN, PUBLIC_URL, fields)).await
}
