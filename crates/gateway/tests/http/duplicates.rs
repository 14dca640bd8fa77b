//! The same delivered again: answered the same, recorded once.

use futures_util::future::join_all;
use serde_json::json;

use crate::house::House;
use crate::talk::{EMAIL, SMS, email, sms, with};

#[tokio::test]
async fn one_after_the_other() {
    let house = House::staffed().await;
    for _ in 0..3 {
        house.accept(SMS, &sms("1")).await;
        house.accept(EMAIL, &email("1")).await;
    }
    // Another text under the same id is no other event.
    house
        .accept(SMS, &with(sms("1"), &json!({"body": "something else"})))
        .await;
    house.until_messages(2).await;
    // Once it is processed, too.
    house.accept(SMS, &sms("1")).await;
    house.accept(SMS, &sms("2")).await;
    house.until_messages(3).await;
    assert_eq!(house.events().await, 3);
    let counted = "select channel || ' ' || duplicates from messaging.inbound_events order by channel, provider_message_id";
    assert_eq!(house.texts(counted).await, ["email 2", "sms 4", "sms 0"]);
    let messages = house.messages_of("sms:+15550100101<->+15550100102").await;
    assert_eq!(messages[0]["body"], "hello");
}

#[tokio::test]
async fn fifty_at_once() {
    let house = House::staffed().await;
    let body = sms("1");
    join_all((0..50).map(|_| house.accept(SMS, &body))).await;
    house.accept(SMS, &sms("2")).await;
    house.until_messages(2).await;
    assert_eq!(house.events().await, 2);
    let metrics = house.get_admin("/metrics").await.body;
    let duplicates = r#"mailroom_events_duplicate_total{provider="direct",channel="sms"} 49"#;
    assert!(metrics.lines().any(|line| line == duplicates), "{metrics}");
}

#[tokio::test]
async fn an_id_belongs_to_its_channel() {
    let house = House::staffed().await;
    let picture = with(
        sms("1"),
        &json!({"type": "mms", "attachments": ["https://media.example/1"]}),
    );
    house.accept(SMS, &sms("1")).await;
    house.accept(SMS, &picture).await;
    house.accept(EMAIL, &email("1")).await;
    house.until_messages(3).await;
}

#[tokio::test]
async fn ids_are_compared_byte_by_byte() {
    let house = House::open().await;
    let ids = ["id", "ID", "id ", "\u{e9}", "e\u{301}", "1", "01", "1.0"];
    for id in ids {
        house.accept(SMS, &sms(id)).await;
    }
    assert_eq!(house.events().await, i64::try_from(ids.len()).unwrap());
}
