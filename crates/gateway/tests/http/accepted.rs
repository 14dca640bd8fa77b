//! What is accepted can be read back: every route's good answer, to the letter.

use serde_json::{Value, json};

use crate::house::House;
use crate::talk::{CONVERSATIONS, EMAIL, SMS, email, sms, with};

/// Takes what only the gateway can know out of an object.
fn without_id(mut item: Value) -> (String, Value) {
    let id = item.as_object_mut().unwrap().remove("id").unwrap();
    let id = id.as_str().unwrap().to_owned();
    assert_eq!(id.len(), 36, "{id}");
    (id, item)
}

#[tokio::test]
async fn a_webhook_is_answered_with_accepted() {
    let house = House::open().await;
    for (path, body) in [
        (SMS, sms("1")),
        (
            SMS,
            with(
                sms("2"),
                &json!({"type": "mms", "body": "", "attachments": ["https://media.example/1"]}),
            ),
        ),
        (EMAIL, email("3")),
        // What else a sender may write.
        (
            SMS,
            with(sms("4"), &json!({"unknown": {"deeper": [1, 2.5e3, true, null]}})),
        ),
        (SMS, with(sms("5"), &json!({"attachments": []}))),
        (
            EMAIL,
            with(
                email("6"),
                &json!({"attachments": [{"url": "https://media.example/2"}]}),
            ),
        ),
    ] {
        let answer = house.post(path, &body).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (202, r#"{"status":"accepted"}"#),
            "{body}"
        );
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(answer.header("x-request-id").is_some());
    }
    assert_eq!(house.events().await, 6);
}

/// Takes away what is not in the contract, which has to be right as well.
fn as_in_the_contract(found: &mut Value) {
    let attachments = found["attachments"].as_array().cloned().unwrap_or_default();
    let added = found.as_object_mut().unwrap();
    assert_eq!(added.remove("email"), Some(Value::Null));
    let files = added.remove("files").unwrap();
    let urls: Vec<&Value> = files
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["url"])
        .collect();
    assert_eq!(json!(urls), json!(attachments));
}

#[tokio::test]
async fn an_sms_an_mms_and_an_email_are_read_back() {
    let house = House::staffed().await;
    let text = sms("1");
    let picture = with(
        sms("2"),
        &json!({
            "from": "+1 (555) 010-0103", "type": "mms", "body": "look",
            "attachments": ["https://media.example/1.jpg"], "timestamp": "2024-11-01T16:00:00.25+02:00",
        }),
    );
    let mail = with(
        email("3"),
        &json!({"body": "<p>caf\u{e9}</p>\r\n", "timestamp": "2024-11-01T13:00:00Z"}),
    );
    house.accept(SMS, &text).await;
    house.accept(SMS, &picture).await;
    house.accept(EMAIL, &mail).await;
    house.until_messages(3).await;

    let listed = house.get(CONVERSATIONS).await;
    assert_eq!(
        (listed.status, listed.header("content-type")),
        (200, Some("application/json"))
    );
    assert_eq!(listed.header("cache-control"), Some("no-store"));
    let mut listed = listed.json();
    assert_eq!(
        listed["meta"],
        json!({"page": 1, "page_size": 50, "total": 3, "next_cursor": null})
    );
    assert_eq!(listed.as_object().unwrap().len(), 2);
    let (ids, conversations): (Vec<_>, Vec<_>) = listed["items"]
        .as_array_mut()
        .unwrap()
        .drain(..)
        .map(without_id)
        .unzip();
    assert_eq!(
        conversations,
        [
            json!({
                "key": "mms:+15550100102<->+15550100103", "channel": "mms", "message_count": 1,
                "participant_a": "+15550100102", "participant_b": "+15550100103",
                "last_activity_at": "2024-11-01T14:00:00.250Z",
            }),
            json!({
                "key": "sms:+15550100101<->+15550100102", "channel": "sms", "message_count": 1,
                "participant_a": "+15550100101", "participant_b": "+15550100102",
                "last_activity_at": "2024-11-01T14:00:00Z",
            }),
            json!({
                "key": "email:contact@example.org<->user@example.com", "channel": "email", "message_count": 1,
                "participant_a": "contact@example.org", "participant_b": "user@example.com",
                "last_activity_at": "2024-11-01T13:00:00Z",
            }),
        ]
    );

    for (id, message) in ids.iter().zip([
        json!({
            "conversation_id": ids[0], "direction": "inbound", "channel": "mms", "from": "+1 (555) 010-0103",
            "to": "+15550100102", "body": "look", "snippet": "look",
            "attachments": ["https://media.example/1.jpg"], "status": "delivered",
            "timestamp": "2024-11-01T14:00:00.250Z",
        }),
        json!({
            "conversation_id": ids[1], "direction": "inbound", "channel": "sms", "from": "+15550100101",
            "to": "+15550100102", "body": "hello", "snippet": "hello", "attachments": null,
            "status": "delivered", "timestamp": "2024-11-01T14:00:00Z",
        }),
        json!({
            "conversation_id": ids[2], "direction": "inbound", "channel": "email", "from": "user@example.com",
            "to": "contact@example.org", "body": "<p>caf\u{e9}</p>\r\n", "snippet": "<p>caf\u{e9}</p>\r\n",
            "attachments": [], "status": "delivered", "timestamp": "2024-11-01T13:00:00Z",
        }),
    ]) {
        let answer = house.get(&format!("{CONVERSATIONS}/{id}/messages")).await;
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (200, Some("no-store"))
        );
        let mut messages = answer.json();
        assert_eq!(
            messages["meta"],
            json!({"page": 1, "page_size": 50, "total": 1, "next_cursor": null})
        );
        let items = messages["items"].as_array_mut().unwrap();
        assert_eq!(items.len(), 1);
        let (_, mut found) = without_id(items.remove(0));
        as_in_the_contract(&mut found);
        assert_eq!(found, message);
    }
}

#[tokio::test]
async fn a_gateway_nobody_wrote_to_has_empty_lists() {
    let house = House::open().await;
    let meta = json!({"page": 1, "page_size": 50, "total": 0, "next_cursor": null});
    let listed = house.get(CONVERSATIONS).await;
    assert_eq!(
        (listed.status, listed.json()),
        (200, json!({"items": [], "meta": meta}))
    );
    let healthy = house.get("/healthz").await;
    assert_eq!(
        (healthy.status, healthy.body.as_str()),
        (200, r#"{"status":"healthy"}"#)
    );
}
