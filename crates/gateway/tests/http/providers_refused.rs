//! Refusals are the same to the byte for every provider, cause and unknown endpoint.

use mailroom_providers::signing::SIGNERS;

use crate::accounts::{self, fixtures, send, signed};

#[tokio::test]
async fn every_cause_looks_the_same() {
    let house = accounts::house().await;
    let mut answers = Vec::new();
    for signer in SIGNERS {
        let (_, unsigned) = fixtures(signer.name()).swap_remove(0);
        let mut stranger = signed(*signer, unsigned.clone(), 1);
        stranger.url = format!("{}-other", stranger.url);
        let foreign = signer.sign(
            unsigned.clone(),
            signer.demo_keys().0,
            chrono::DateTime::UNIX_EPOCH,
            [1; 16],
        );
        let mut cases = vec![("unsigned", unsigned), ("an unknown endpoint", stranger)];
        // These sign no time.
        if !["twilio", "whatsapp", "telegram", "postmark", "github"].contains(&signer.name()) {
            cases.push(("signed in 1970", foreign));
        }
        for (case, request) in cases {
            let mut answer = send(&house, &request).await;
            answer.headers.remove("x-request-id").unwrap();
            answer.headers.remove("date").unwrap();
            answers.push((format!("{} {case}", signer.name()), answer));
        }
    }
    let first = answers[0].1.clone();
    assert_eq!(first.status, 401);
    for (case, answer) in answers {
        assert_eq!(answer, first, "{case}");
    }
    assert_eq!(house.events().await, 0);
}

#[tokio::test]
async fn the_operator_is_told_the_cause() {
    let house = accounts::house().await;
    let slack = mailroom_providers::signing::signer_named("slack").unwrap();
    let (_, unsigned) = fixtures("slack").swap_remove(0);
    let old = slack.sign(
        unsigned.clone(),
        slack.demo_keys().0,
        chrono::DateTime::UNIX_EPOCH,
        [1; 16],
    );
    let foreign = signed_with(slack, &unsigned);
    let cases = [(unsigned, "missing"), (old, "too_old"), (foreign, "mismatch")];
    for (request, cause) in &cases {
        assert_eq!(send(&house, request).await.status, 401);
        let metrics = house.get_admin("/metrics").await.body;
        let of_cause = |line: &&str| {
            line.starts_with("mailroom_requests_unverified_total")
                && line.contains("slack")
                && line.contains(cause)
        };
        let series = metrics.lines().find(of_cause).unwrap();
        assert!(series.ends_with(" 1"), "{series}");
    }
    let log = house.log().await;
    for (_, cause) in cases {
        let told = format!("\"cause\":\"{cause}\"");
        assert!(
            log.iter().any(|line| line.contains(&told)),
            "{cause}\n{}",
            log.join("\n")
        );
    }
}

fn signed_with(
    signer: &dyn mailroom_providers::signing::Signer,
    request: &mailroom_providers::signing::Outgoing,
) -> mailroom_providers::signing::Outgoing {
    #[expect(
        clippy::disallowed_methods,
        reason = "the gateway checks signatures by the wall clock"
    )]
    let now = chrono::Utc::now();
    signer.sign(request.clone(), "another key", now, [1; 16])
}
