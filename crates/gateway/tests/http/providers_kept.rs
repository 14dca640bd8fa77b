//! What is verified is never lost: not understood, in conflict, or come too early.

use mailroom_providers::signing::{Outgoing, Signer, signer_named};
use serde_json::{Value, json};

use crate::accounts::{self, PUBLIC, send, signed};

pub(crate) fn json_request(provider: &str, body: &Value) -> (&'static dyn Signer, Outgoing) {
    let signer = signer_named(provider).unwrap();
    let mut request = Outgoing {
        url: format!("{PUBLIC}/webhooks/{provider}/{provider}"),
        body: body.to_string().into_bytes(),
        ..Outgoing::default()
    };
    request.set("content-type", "application/json".to_owned());
    (signer, request)
}

fn telegram(update: i64, text: &str) -> Value {
    json!({
        "update_id": update,
        "message": {
            "message_id": update, "date": 1_793_600_000, "text": text,
            "chat": {"id": 4242, "type": "private", "first_name": "Ada"},
            "from": {"id": 4242, "is_bot": false, "first_name": "Ada"},
        },
    })
}

#[tokio::test]
async fn a_conflicting_duplicate_is_kept_beside_the_first() {
    let house = accounts::house().await.employ().await;
    for text in ["first", "second", "second", "first"] {
        let (signer, request) = json_request("telegram", &telegram(1, text));
        assert_eq!(send(&house, &signed(signer, request, 1)).await.status, 200);
    }
    house.until_messages(1).await;
    assert_eq!(
        house.texts("select body from messaging.messages").await,
        ["first"]
    );
    let kept = "select payload #>> '{message,text}' from messaging.conflicting_duplicates";
    assert_eq!(house.texts(kept).await, ["second"]);
    let log = house.log().await;
    assert!(
        log.iter()
            .any(|line| line.contains("delivered again with another content"))
    );
    let metrics = house.get_admin("/metrics").await.body;
    assert!(
        metrics.contains("mailroom_events_conflicting_total{provider=\"telegram\",channel=\"telegram\"} 2"),
        "{metrics}"
    );
}

#[tokio::test]
async fn what_is_not_understood_is_put_aside_once() {
    let house = accounts::house().await.employ().await;
    let slack = signer_named("slack").unwrap();
    for body in [
        r#"{"type":"event_callback","event_id":"Ev1""#,
        r#"{"type":"something_new","x":1}"#,
    ] {
        for nonce in [1, 2] {
            let (_, mut request) = json_request("slack", &Value::Null);
            request.body = body.as_bytes().to_vec();
            assert_eq!(
                send(&house, &signed(slack, request, nonce)).await.status,
                200,
                "{body}"
            );
        }
    }
    let kept = "select kind || ' ' || status || ' ' || error_code || ' ' || attempt_count || ' ' || duplicates \
                from messaging.inbound_events order by error_code";
    assert_eq!(
        house.texts(kept).await,
        [
            "quarantined dead_letter unreadable 0 1",
            "quarantined dead_letter unsupported 0 1"
        ]
    );
    let metrics = house.get_admin("/metrics").await.body;
    assert!(
        metrics.contains("mailroom_events_quarantined_total{provider=\"slack\",channel=\"slack\"} 2"),
        "{metrics}"
    );
    assert!(
        metrics.contains("mailroom_shape_drift_total{endpoint=\"slack\",what=\"type\"} 2"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_replayed_quarantined_event_becomes_what_it_holds() {
    let house = accounts::house().await.employ().await;
    // As an earlier release would have left it, which knew no such update.
    let (signer, request) = json_request("telegram", &json!({"update_id": 7, "nothing_known": {}}));
    assert_eq!(send(&house, &signed(signer, request, 1)).await.status, 200);
    let understood = telegram(7, "understood now");
    sqlx::query("update messaging.inbound_events set payload = $1")
        .bind(understood)
        .execute(&house.pool)
        .await
        .unwrap();
    house.replay_all().await;
    house.until_messages(1).await;
    assert_eq!(
        house.texts("select body from messaging.messages").await,
        ["understood now"]
    );
    house
        .until(
            "select count(*) from messaging.inbound_events where status = 'processed'",
            2,
        )
        .await;
}

#[tokio::test]
async fn statuses_count_whenever_they_come() {
    let house = accounts::house().await.employ().await;
    let twilio = signer_named("twilio").unwrap();
    let form = |body: &str| {
        let mut request = Outgoing {
            url: format!("{PUBLIC}/webhooks/twilio/twilio"),
            body: body.as_bytes().to_vec(),
            ..Outgoing::default()
        };
        request.set("content-type", "application/x-www-form-urlencoded".to_owned());
        signed(twilio, request, 1)
    };
    let addresses = "From=%2B15550100101&To=%2B15550100102";
    for body in [
        format!("MessageSid=SM1&MessageStatus=read&{addresses}"),
        format!("MessageSid=SM1&SmsStatus=received&Body=x&NumMedia=0&{addresses}"),
        format!("MessageSid=SM1&MessageStatus=sent&{addresses}"),
        format!("MessageSid=SM1&MessageStatus=read&{addresses}"),
    ] {
        assert_eq!(send(&house, &form(&body)).await.status, 200, "{body}");
    }
    house
        .until(
            "select count(*) from messaging.inbound_events where status = 'processed'",
            3,
        )
        .await;
    let messages = house.messages_of("sms:+15550100101<->+15550100102").await;
    assert_eq!(messages[0]["status"], "read", "{messages:?}");
    assert_eq!(
        house
            .number("select count(*) from messaging.message_status_history")
            .await,
        2
    );
}
