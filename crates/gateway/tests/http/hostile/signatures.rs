//! Requests that are signed wrongly: all are refused alike.

use mailroom_providers::signing::{Outgoing, signer_named};

use super::case::{Case, case};
use crate::accounts::{PUBLIC, signed};
use crate::socket::request;

/// An endpoint with another key than that of the same provider beside it.
pub(super) const OTHER_ENDPOINT: [(&str, &str); 2] = [
    ("MAILROOM__ENDPOINTS__OTHER__PROVIDER", "slack"),
    (
        "MAILROOM__ENDPOINTS__OTHER__SECRET",
        "another-slack-signing-secret",
    ),
];

/// A request of this provider, signed as it should be.
pub(super) fn good(provider: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Outgoing {
    signed_with(provider, &[("content-type", content_type)], body)
}

/// The same with these headers.
pub(super) fn signed_with(provider: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Outgoing {
    let signer = signer_named(provider).unwrap();
    let mut outgoing = Outgoing {
        url: format!("{PUBLIC}/webhooks/{provider}/{provider}"),
        body: body.into(),
        ..Outgoing::default()
    };
    for (name, value) in headers {
        outgoing.set(name, (*value).to_owned());
    }
    // Mailgun's token may come with one body only.
    let nonce = u8::try_from(outgoing.body.len() % 251).unwrap();
    signed(signer, outgoing, nonce)
}

/// Its bytes.
pub(super) fn wire(outgoing: &Outgoing) -> Vec<u8> {
    let path = outgoing.url.strip_prefix(PUBLIC).unwrap();
    let asked = if outgoing.query.is_empty() { "" } else { "?" };
    let headers: Vec<_> = outgoing
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    request(
        "POST",
        &format!("{path}{asked}{}", outgoing.query),
        &headers,
        &outgoing.body,
    )
}

/// A header's value with this done to it.
fn changed(outgoing: &Outgoing, name: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let mut outgoing = outgoing.clone();
    let value = outgoing
        .headers
        .iter()
        .find(|(given, _)| given == name)
        .unwrap()
        .1
        .clone();
    outgoing.set(name, change(&value));
    wire(&outgoing)
}

fn without(outgoing: &Outgoing, name: &str) -> Vec<u8> {
    let mut outgoing = outgoing.clone();
    outgoing.headers.retain(|(given, _)| given != name);
    wire(&outgoing)
}

fn twice(outgoing: &Outgoing, name: &str) -> Vec<u8> {
    let mut outgoing = outgoing.clone();
    let found = outgoing
        .headers
        .iter()
        .find(|(given, _)| given == name)
        .unwrap()
        .clone();
    outgoing.headers.push(found);
    wire(&outgoing)
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn cases() -> Vec<Case> {
    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";
    const SLACK: &str = "x-slack-signature";
    const TIME: &str = "x-slack-request-timestamp";
    const STANDARD: &str = "webhook-signature";
    const GITHUB: &str = "x-hub-signature-256";
    const TWILIO: &str = "x-twilio-signature";
    let slack = good(
        "slack",
        JSON,
        r#"{"type":"event_callback","event_id":"Ev-hostile"}"#,
    );
    let standard = good("standard", JSON, r#"{"type":"x"}"#);
    let github = good("github", JSON, "{}");
    let twilio = good("twilio", FORM, "MessageSid=SM-hostile&From=%2B1&To=%2B2&Body=x");
    let sendgrid = good("sendgrid", JSON, "[]\r\n");
    let telegram = good("telegram", JSON, r#"{"update_id":1}"#);
    let postmark = good("postmark", JSON, "{}");
    let mailgun = good("mailgun", JSON, r#"{"event-data":{"id":"hostile"}}"#);
    let other_body = |outgoing: &Outgoing| {
        let mut outgoing = outgoing.clone();
        outgoing.body.push(b' ');
        wire(&outgoing)
    };
    let at = |outgoing: &Outgoing, path: &str, query: &str| {
        let url = format!("{PUBLIC}{path}");
        wire(&Outgoing {
            url,
            query: query.to_owned(),
            ..outgoing.clone()
        })
    };
    let shifted = |seconds: i64| {
        changed(&slack, TIME, |time| {
            (time.parse::<i64>().unwrap() + seconds).to_string()
        })
    };
    let list = |value: &str| vec![value; 1_000].join(" ");
    [
        ("no signature", without(&slack, SLACK)),
        ("no time", without(&slack, TIME)),
        ("the signature of another body", other_body(&slack)),
        ("a signature cut off", changed(&slack, SLACK, |value| value[..19].to_owned())),
        ("a signature and more", changed(&slack, SLACK, |value| format!("{value}00"))),
        ("a signature with 0x", changed(&slack, SLACK, |value| value.replace("v0=", "v0=0x"))),
        ("a signature with spaces", changed(&slack, SLACK, |value| value.replace("v0=", "v0= "))),
        ("a signature of another version", changed(&slack, SLACK, |value| value.replace("v0=", "v1="))),
        ("a signature without a version", changed(&slack, SLACK, |value| value.replace("v0=", ""))),
        ("a signature of letters that are no digits", changed(&slack, SLACK, |_| format!("v0={}", "g".repeat(64)))),
        ("an empty signature", changed(&slack, SLACK, |_| String::new())),
        ("a signature that is no ASCII", changed(&slack, SLACK, |_| "v0=\u{ff10}".to_owned())),
        ("a signature twice", twice(&slack, SLACK)),
        ("a signature of 10 KiB", changed(&slack, SLACK, |_| "0".repeat(10 << 10))),
        ("another time than was signed", shifted(1)),
        ("a time long ago", shifted(-400)),
        ("a time to come", shifted(400)),
        ("no number for a time", changed(&slack, TIME, |_| "now".to_owned())),
        ("a time in hexadecimal", changed(&slack, TIME, |_| "0x6a000000".to_owned())),
        ("a time of 2^63", changed(&slack, TIME, |_| "9223372036854775808".to_owned())),
        ("the least time there is", changed(&slack, TIME, |_| i64::MIN.to_string())),
        ("a time with a point", changed(&slack, TIME, |time| format!("{time}.0"))),
        ("the key of another endpoint", at(&slack, "/webhooks/slack/other", "")),
        ("a good signature at another provider's endpoint", at(&slack, "/webhooks/github/github", "")),
        ("a good signature at an endpoint there is not", at(&slack, "/webhooks/slack/nobody", "")),
        ("1,000 signatures", changed(&standard, STANDARD, |_| list("v1,AAAA"))),
        ("the right signature after 16 wrong ones", changed(&standard, STANDARD, |value| format!("{}{value}", "v1,AAAA ".repeat(16)))),
        ("an algorithm that the key is not for", changed(&standard, STANDARD, |value| value.replace("v1,", "v1a,"))),
        ("base64 with a line feed", changed(&standard, STANDARD, |value| format!("{}\t{}", &value[..10], &value[10..]))),
        ("base64 without its padding", changed(&standard, STANDARD, |value| value.trim_end_matches('=').to_owned())),
        ("base64 for URLs", changed(&standard, STANDARD, |value| value.replace(['+', '/'], "_") + "-")),
        ("another id than was signed", changed(&standard, "webhook-id", |id| format!("{id}x"))),
        ("no id", without(&standard, "webhook-id")),
        ("an id with a point", changed(&standard, "webhook-id", |id| format!("{id}.1"))),
        ("GitHub's old signature", changed(&github, GITHUB, |value| value.replace("sha256=", "sha1="))),
        ("GitHub's signature in no form", changed(&github, GITHUB, |value| value.replace("sha256=", ""))),
        ("GitHub's signature of another body", other_body(&github)),
        ("another query than Twilio signed", at(&twilio, "/webhooks/twilio/twilio", "x=1")),
        ("another field than Twilio signed", other_body(&twilio)),
        ("no signature of Twilio's", without(&twilio, TWILIO)),
        ("Twilio's signature in hexadecimal", changed(&twilio, TWILIO, |_| "0".repeat(40))),
        ("Twilio's signature of a form, and JSON", changed(&twilio, "content-type", |_| JSON.to_owned())),
        ("a hash of the body that Twilio did not sign", at(&twilio, "/webhooks/twilio/twilio", "bodySHA256=00")),
        ("SendGrid's body without its last line", {
            let mut cut = sendgrid.clone();
            cut.body.truncate(2);
            wire(&cut)
        }),
        ("SendGrid's signature that is no ASN.1", changed(&sendgrid, "x-twilio-email-event-webhook-signature", |_| "AAAA".to_owned())),
        ("Telegram's token in capitals", changed(&telegram, "x-telegram-bot-api-secret-token", str::to_uppercase)),
        ("the beginning of Telegram's token", changed(&telegram, "x-telegram-bot-api-secret-token", |token| token[..4].to_owned())),
        ("no token of Telegram's", without(&telegram, "x-telegram-bot-api-secret-token")),
        ("Postmark's credentials as a bearer", changed(&postmark, "authorization", |value| value.replace("Basic", "Bearer"))),
        ("Postmark's credentials that are no base64", changed(&postmark, "authorization", |_| "Basic !!!".to_owned())),
        ("no credentials of Postmark's", without(&postmark, "authorization")),
        ("an algorithm of `none` in the body", wire(&Outgoing { headers: vec![("content-type".to_owned(), JSON.to_owned())], body: br#"{"alg":"none","signature":{"alg":"none"}}"#.to_vec(), ..mailgun.clone() })),
        ("Mailgun's signature that is a number", wire(&Outgoing { body: br#"{"signature":{"timestamp":1,"token":2,"signature":3}}"#.to_vec(), ..mailgun.clone() })),
        ("Mailgun's body that is not JSON", wire(&Outgoing { body: b"{".to_vec(), ..mailgun })),
        ("an SNS envelope that names a certificate elsewhere", wire(&good("sns", "text/plain; charset=utf-8", r#"{"Type":"Notification","SigningCertURL":"https://169.254.169.254/x.pem","Signature":"AAAA"}"#))),
        ("SNS without an envelope", wire(&good("sns", "text/plain; charset=utf-8", "hello"))),
    ]
    .into_iter()
    .map(|(name, bytes)| case(name, bytes).gets(401))
    .collect()
}
