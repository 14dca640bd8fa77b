//! Providers that ask whether somebody is there.

use mailroom_providers::signing::{Outgoing, signer_named};

use crate::accounts::{self, PUBLIC, VERIFY_TOKEN, send, signed};

#[tokio::test]
async fn whatsapp_is_shown_its_challenge() {
    let house = accounts::house().await;
    let ask = |token: &str, challenge: &str| {
        format!(
            "/webhooks/whatsapp/whatsapp?hub.mode=subscribe&hub.verify_token={token}&hub.challenge={challenge}"
        )
    };
    let answer = house.get(&ask(VERIFY_TOKEN, "1158201444")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "1158201444"));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    let wrong = house.get(&ask("wrong", "1158201444")).await;
    let markup = house.get(&ask(VERIFY_TOKEN, "%3Cscript%3E")).await;
    let unknown = house
        .get("/webhooks/whatsapp/other?hub.mode=subscribe&hub.verify_token=x&hub.challenge=1")
        .await;
    for refused in [&wrong, &markup, &unknown] {
        assert_eq!((refused.status, &refused.body), (403, &wrong.body));
    }
    let other = house.get("/webhooks/slack/slack").await;
    assert_eq!((other.status, other.header("allow")), (405, Some("POST")));
    let neither = house.delete("/webhooks/whatsapp/whatsapp").await;
    assert_eq!(
        (neither.status, neither.header("allow")),
        (405, Some("GET, POST"))
    );
    assert_eq!(house.events().await, 0);
}

#[tokio::test]
async fn slack_is_given_its_challenge_back() {
    let house = accounts::house().await;
    let slack = signer_named("slack").unwrap();
    let mut request = Outgoing {
        url: format!("{PUBLIC}/webhooks/slack/slack"),
        body: br#"{"token":"x","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}"#.to_vec(),
        ..Outgoing::default()
    };
    request.set("content-type", "application/json".to_owned());
    assert_eq!(
        send(&house, &request).await.status,
        401,
        "not without a signature"
    );
    let answer = send(&house, &signed(slack, request, 1)).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P")
    );
    assert_eq!(house.events().await, 0);
}
