//! Text that JSON allows and the database does not hold as it is: kept as received, shown as well as can be.

use serde_json::json;

use crate::house::House;
use crate::talk::{EMAIL, SMS, email, sms, with};

const KEPT_AS_BYTES: &str =
    "select count(*) from messaging.inbound_events where payload is null and payload_bytes is not null";

#[tokio::test]
async fn a_nul_escape_is_kept_as_bytes_and_shown_replaced() {
    let house = House::staffed().await;
    house
        .accept(SMS, &with(sms("1"), &json!({"body": "a\u{0}b\u{0}"})))
        .await;
    house
        .accept(EMAIL, &with(email("2"), &json!({"body": "<p>\u{0}</p>"})))
        .await;
    assert_eq!(house.number(KEPT_AS_BYTES).await, 2);
    house.until_messages(2).await;
    let shown = house.messages_of("sms:+15550100101<->+15550100102").await;
    assert_eq!(
        (&shown[0]["body"], &shown[0]["snippet"]),
        (&json!("a\u{fffd}b\u{fffd}"), &json!("a\u{fffd}b\u{fffd}"))
    );
    let shown = house
        .messages_of("email:contact@example.org<->user@example.com")
        .await;
    assert_eq!(shown[0]["body"], "<p>\u{fffd}</p>");
    let kept = house
        .texts(
            "select convert_from(payload_bytes, 'UTF8') from messaging.inbound_events where channel = 'sms'",
        )
        .await;
    assert!(kept[0].contains(r"a\u0000b\u0000"), "as received: {kept:?}");
}

#[tokio::test]
async fn what_jsonb_refuses_beside_the_message_does_not_cost_the_message() {
    let house = House::staffed().await;
    let text = sms("ID").to_string();
    let odd = [
        r#""\u0000""#,
        r#""\ud800""#,
        r#"{"\u0000": 1}"#,
        "1e131071",
        "[1e999]",
        "1e-131071",
        "0e-99999",
        "1e-16383",
    ];
    for (n, value) in odd.iter().enumerate() {
        let body = text
            .replace("ID", &n.to_string())
            .replacen('{', &format!("{{\"more\":{value},"), 1);
        let request = house.client.post(format!("{}{SMS}", house.base_url));
        let answer = request
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 202, "{value}");
    }
    house.until_messages(i64::try_from(odd.len()).unwrap()).await;
    assert_eq!(
        house.number(KEPT_AS_BYTES).await,
        i64::try_from(odd.len()).unwrap()
    );
}

#[tokio::test]
async fn any_text_comes_back_as_it_was_sent() {
    let house = House::staffed().await;
    let texts = [
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} caf\u{e9} e\u{301}",
        "\u{202b}\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{645}\u{631}\u{62d}\u{628}\u{627}\u{202c}",
        "'; drop table messaging.messages; --",
        "${jndi:ldap://x} {{7*7}} <script>alert(1)</script> %00 \\u0000",
        "\u{1}\u{7f}\u{80}\u{feff}\u{fffe}\u{10ffff}",
        " \t\r\n",
    ];
    for (n, text) in texts.iter().enumerate() {
        house
            .accept(SMS, &with(sms(&n.to_string()), &json!({"body": text})))
            .await;
    }
    house.until_messages(i64::try_from(texts.len()).unwrap()).await;
    let shown = house.messages_of("sms:+15550100101<->+15550100102").await;
    let shown: Vec<_> = shown
        .iter()
        .map(|message| message["body"].as_str().unwrap())
        .collect();
    assert_eq!(shown, texts);
}
