//! `explain-signature` names what differs between a captured request and its endpoint, and shows no secret.

use std::fmt::Write as _;
use std::io::Write;

use mailroom_providers::signing::{Outgoing, Signer, signer_named};
use mailroom_test_support::TestProgram;
use serde_json::{Value, json};

use crate::accounts::fixtures;

const OLD: &str = "geheim-the-one-before";
const OTHER: &str = "geheim-of-another-endpoint";

/// A request as it stood on the wire.
fn captured(outgoing: &Outgoing, path: &str) -> Vec<u8> {
    let asked = if outgoing.query.is_empty() { "" } else { "?" };
    let mut text = format!(
        "POST {path}{asked}{} HTTP/1.1\r\nHost: mailroom.example\r\n",
        outgoing.query
    );
    for (name, value) in &outgoing.headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    let mut bytes = text.into_bytes();
    bytes.extend(b"\r\n");
    bytes.extend(&outgoing.body);
    bytes
}

fn gateway(provider: &str, public_url: &str, secret: &str) -> TestProgram {
    TestProgram::gateway("")
        .env("MAILROOM__ENDPOINTS__MAIN__PROVIDER", provider)
        .env("MAILROOM__ENDPOINTS__MAIN__PUBLIC_URLS", public_url)
        .env("MAILROOM__ENDPOINTS__MAIN__SECRET", secret)
        .env("MAILROOM__ENDPOINTS__MAIN__PREVIOUS_SECRET", OLD)
        .env("MAILROOM__ENDPOINTS__SECOND__PROVIDER", provider)
        .env("MAILROOM__ENDPOINTS__SECOND__PUBLIC_URLS", public_url)
        .env("MAILROOM__ENDPOINTS__SECOND__SECRET", OTHER)
}

/// Exit code and answer.
async fn explain(program: TestProgram, request: &[u8]) -> (Option<i32>, Value) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(request).unwrap();
    let program = program
        .arg("explain-signature")
        .arg(file.path())
        .arg("--output")
        .arg("json");
    let output = program.output().await;
    let told = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let told = String::from_utf8(told).unwrap();
    assert!(!told.contains("geheim"), "{told}");
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{told}"));
    (output.status.code(), answer)
}

fn sign(signer: &dyn Signer, url: &str, key: &str, mut fixture: Outgoing) -> Outgoing {
    url.clone_into(&mut fixture.url);
    #[expect(clippy::disallowed_methods, reason = "the program checks by the wall clock")]
    let now = chrono::Utc::now();
    signer.sign(fixture, key, now, [1; 16])
}

#[tokio::test]
async fn what_differs_about_the_url_is_named() {
    const URL: &str = "https://mailroom.example/webhooks/twilio/main";
    const KEY: &str = "geheim-token";
    let twilio = signer_named("twilio").unwrap();
    for (signed, named) in [
        ("http://mailroom.example/webhooks/twilio/main", "scheme"),
        ("https://mailroom.example:8443/webhooks/twilio/main", "port"),
        ("https://mailroom.example/webhooks/twilio/main/", "trailing slash"),
        ("http://mailroom.example:8080/webhooks/twilio/main", "scheme"),
    ] {
        let (_, fixture) = fixtures("twilio").swap_remove(0);
        let request = sign(twilio, signed, KEY, fixture);
        let (code, answer) = explain(
            gateway("twilio", URL, KEY),
            &captured(&request, "/webhooks/twilio/main"),
        )
        .await;
        assert_eq!(
            (code, &answer["refused"]),
            (Some(3), &json!("mismatch")),
            "{answer}"
        );
        let fits = answer["fits"].to_string();
        assert!(fits.contains(named), "{signed}: {answer}");
    }
}

#[tokio::test]
async fn which_secret_fits_is_named_and_not_shown() {
    const KEY: &str = "geheim-secret";
    let slack = signer_named("slack").unwrap();
    let url = "https://mailroom.example/webhooks/slack/main";
    for (key, code, told) in [
        (KEY, 0, "current"),
        (OLD, 0, "previous"),
        (OTHER, 3, "endpoint `second`"),
        ("geheim-nobody-knows", 3, "[]"),
    ] {
        let (_, fixture) = fixtures("slack").swap_remove(0);
        let request = sign(slack, url, key, fixture);
        let (exit, answer) = explain(
            gateway("slack", url, KEY),
            &captured(&request, "/webhooks/slack/main"),
        )
        .await;
        assert_eq!(exit, Some(code), "{answer}");
        assert!(answer.to_string().contains(told), "{told}: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_was_rewritten_is_found_out() {
    const KEY: &str = "geheim-secret";
    let whatsapp = signer_named("whatsapp").unwrap();
    let url = "https://mailroom.example/webhooks/whatsapp/main";
    let mut fixture = Outgoing::default();
    fixture.set("content-type", "application/json".to_owned());
    fixture.body = br#"{"object":"whatsapp_business_account","entry":[],"x":"caf\u00e9"}"#.to_vec();
    let mut request = sign(whatsapp, url, KEY, fixture);
    let rewritten: Value = serde_json::from_slice(&request.body).unwrap();
    request.body = br#"{"object":"whatsapp_business_account","entry":[],"x":"caf"#.to_vec();
    request.body.extend("\u{e9}\"}".as_bytes());
    assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), rewritten);
    let program = gateway("whatsapp", url, KEY)
        .env("MAILROOM__ENDPOINTS__MAIN__VERIFY_TOKEN", "geheim-v")
        .env("MAILROOM__ENDPOINTS__SECOND__VERIFY_TOKEN", "geheim-v");
    let (code, answer) = explain(program, &captured(&request, "/webhooks/whatsapp/main")).await;
    assert_eq!(code, Some(3), "{answer}");
    assert!(answer["fits"].to_string().contains("re-encoded"), "{answer}");
}

#[tokio::test]
async fn an_old_request_is_told_from_a_wrong_one() {
    const KEY: &str = "geheim-secret";
    let slack = signer_named("slack").unwrap();
    let (_, mut fixture) = fixtures("slack").swap_remove(0);
    fixture.url = "https://mailroom.example/webhooks/slack/main".to_owned();
    let request = slack.sign(fixture, KEY, chrono::DateTime::UNIX_EPOCH, [1; 16]);
    let text = captured(&request, "/webhooks/slack/main");
    let (code, answer) = explain(gateway("slack", &request.url, KEY), &text).await;
    assert_eq!(
        (code, &answer["refused"]),
        (Some(3), &json!("too_old")),
        "{answer}"
    );
    assert!(answer["fits"].to_string().contains("time"), "{answer}");
    let then = gateway("slack", &request.url, KEY)
        .arg("explain-signature")
        .arg("--at")
        .arg("1970-01-01T00:01:00Z");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&text).unwrap();
    assert_eq!(then.arg(file.path()).output().await.status.code(), Some(0));
}
