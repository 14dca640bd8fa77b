//! What is not signed as it should be: 401, and never a hint at what was wrong.

use serde_json::json;

use crate::answer::Answer;
use crate::house::House;
use crate::refusals::CANARY;
use crate::twilio_signing::{PATH, PUBLIC_URL, SETTINGS, TOKEN, message, post, sign, signed};

const PREVIOUS: (&str, &str) = ("MAILROOM__ENDPOINTS__DEMO__PREVIOUS_SECRET", "the-token-before");

#[tokio::test]
async fn every_refusal_looks_the_same() {
    let house = House::with(&SETTINGS).await;
    let fields = message(CANARY);
    let right = sign(TOKEN, PUBLIC_URL, &fields);
    let endpoint = |path: &str| PUBLIC_URL.replace(PATH, path);
    let signatures = [
        ("another token", PATH, sign("another", PUBLIC_URL, &fields)),
        ("no token", PATH, sign("", PUBLIC_URL, &fields)),
        (
            "another URL",
            PATH,
            sign(TOKEN, "https://mailroom.example/", &fields),
        ),
        ("another form", PATH, sign(TOKEN, PUBLIC_URL, &message("another"))),
        ("empty", PATH, String::new()),
        ("no base64", PATH, CANARY.to_owned()),
        ("half of it", PATH, right[..16].to_owned()),
        ("more than it", PATH, format!("{right}{right}")),
        ("10,000 of it", PATH, format!("{right},").repeat(200)),
        ("hexadecimal", PATH, "0x8f".to_owned()),
        (
            "an unknown endpoint",
            "/webhooks/twilio/other",
            sign(TOKEN, &endpoint("/webhooks/twilio/other"), &fields),
        ),
        (
            "an unknown provider",
            "/webhooks/other/demo",
            sign(TOKEN, &endpoint("/webhooks/other/demo"), &fields),
        ),
        ("both unknown", "/webhooks/other/other", right.clone()),
        ("in capitals", "/webhooks/TWILIO/demo", right.clone()),
    ];
    let mut answers = vec![(
        "no signature",
        Answer::of(post(&house, PATH, &fields).send().await.unwrap()).await,
    )];
    for (name, path, signature) in &signatures {
        answers.push((name, signed(&house, path, &fields, signature).await));
    }
    for (name, answer) in &mut answers {
        assert!(answer.headers.remove("x-request-id").is_some(), "{name}");
        assert!(answer.headers.remove("date").is_some(), "{name}");
    }
    let first = answers[0].1.clone();
    assert_eq!(
        (first.status, &first.json()["code"]),
        (401, &json!("unauthorized"))
    );
    assert_eq!(first.header("cache-control"), Some("no-store"));
    for (name, answer) in &answers {
        assert_eq!(*answer, first, "{name}");
    }
    assert_eq!(house.events().await, 0);
    let log = house.log().await;
    assert_eq!(
        log.iter().filter(|line| line.contains("\"status\":401")).count(),
        answers.len()
    );
    for secret in [CANARY, TOKEN, &right] {
        assert!(
            !log.iter().any(|line| line.contains(secret)),
            "{secret} is in the log"
        );
    }
    assert_eq!(signed(&house, PATH, &fields, &right).await.status, 200);
}

#[tokio::test]
async fn a_secret_that_is_being_changed_is_taken_with_its_successor() {
    let mut settings = SETTINGS.to_vec();
    settings.push(PREVIOUS);
    let house = House::with(&settings).await;
    for (id, token, status) in [
        ("1", TOKEN, 200),
        ("2", PREVIOUS.1, 200),
        ("3", "the-one-before-that", 401),
    ] {
        let fields = message(id);
        let answer = signed(&house, PATH, &fields, &sign(token, PUBLIC_URL, &fields)).await;
        assert_eq!(answer.status, status, "{token}");
    }
    assert_eq!(house.events().await, 2);
}

#[tokio::test]
async fn the_query_is_signed_too() {
    let house = House::with(&SETTINGS).await;
    for (signed_query, sent_query, status) in [
        ("?x=1&y=%20a", "?x=1&y=%20a", 200),
        ("?x=1&y=%20a", "?x=1", 401),
        ("?x=1&y=%20a", "", 401),
        ("", "?x=1", 401),
        ("?x=1&y=%20a", "?y=%20a&x=1", 401),
    ] {
        let fields = message(&format!("{signed_query}{sent_query}"));
        let signature = sign(TOKEN, &format!("{PUBLIC_URL}{signed_query}"), &fields);
        let answer = signed(&house, &format!("{PATH}{sent_query}"), &fields, &signature).await;
        assert_eq!(answer.status, status, "{signed_query} {sent_query}");
    }
}

#[tokio::test]
async fn the_url_may_name_its_default_port_and_no_other() {
    let house = House::with(&SETTINGS).await;
    for (port, status) in [(":443", 200), (":8443", 401), (":80", 401)] {
        let fields = message(port);
        let url = PUBLIC_URL.replace("mailroom.example", &format!("mailroom.example{port}"));
        assert_eq!(
            signed(&house, PATH, &fields, &sign(TOKEN, &url, &fields))
                .await
                .status,
            status,
            "{port}"
        );
    }
}
