//! What one request may hold: a token for one content, and events no larger than one may be.

use mailroom_providers::signing::signer_named;
use serde_json::{Value, json};

use crate::accounts::{self, send, signed};
use crate::providers_kept::json_request;

#[tokio::test]
async fn a_token_is_good_for_one_content() {
    let house = accounts::house().await;
    let signer = signer_named("mailgun").unwrap();
    let (_, fixture) = accounts::fixtures("mailgun")
        .into_iter()
        .find(|(_, request)| request.body.starts_with(b"{"))
        .unwrap();
    let right = signed(signer, fixture, 1);
    for _ in 0..2 {
        assert_eq!(send(&house, &right).await.status, 200);
    }
    let mut body: Value = serde_json::from_slice(&right.body).unwrap();
    body["event-data"]["id"] = json!("forged");
    let mut forged = right;
    forged.body = body.to_string().into_bytes();
    assert_eq!(send(&house, &forged).await.status, 401);
    assert_eq!(house.events().await, 1);
}

#[tokio::test]
async fn an_event_too_large_among_others_is_cut_and_the_others_are_whole() {
    let house = accounts::house().await;
    let event = |id: &str, note: String| {
        json!({
            "sg_event_id": id, "sg_message_id": "m.1", "email": "ada@example.com", "event": "delivered",
            "timestamp": 1_793_600_000, "response": note,
        })
    };
    let (signer, request) = json_request(
        "sendgrid",
        &json!([
            event("a", "250".to_owned()),
            event("b", "x".repeat(300_000)),
            event("c", "250".to_owned())
        ]),
    );
    assert_eq!(send(&house, &signed(signer, request, 1)).await.status, 200);
    let kept = "select kind || ' ' || coalesce(octet_length(payload_bytes), 0) from messaging.inbound_events order by arrival";
    assert_eq!(
        house.texts(kept).await,
        ["status 0", "quarantined 262144", "status 0"]
    );
    let (signer, alone) = json_request("sendgrid", &json!([event("d", "x".repeat(300_000))]));
    assert_eq!(send(&house, &signed(signer, alone, 1)).await.status, 413);
}
