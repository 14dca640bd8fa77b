//! Who talks with whom: direction, formatting and plus-tags do not matter, times may come late.

use serde_json::{Value, json};

use crate::house::House;
use crate::talk::{CONVERSATIONS, EMAIL, SMS, email, sms, with};

/// Key and message count of every conversation, by key.
async fn conversations(house: &House) -> Vec<(String, u64)> {
    let listed = house.get(CONVERSATIONS).await.json();
    let items = listed["items"].as_array().unwrap().iter();
    let mut found: Vec<_> = items
        .map(|item| {
            (
                item["key"].as_str().unwrap().to_owned(),
                item["message_count"].as_u64().unwrap(),
            )
        })
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn direction_and_formatting_make_no_other_conversation() {
    let house = House::staffed().await;
    let texts = [
        ("+15550100101", "+15550100102", "sms"),
        ("+15550100102", "+15550100101", "sms"),
        ("+1 (555) 010-0101", "+1.555.010.0102", "sms"),
        (" +1-555-010-0102 ", "+1 555 010 0101", "sms"),
        ("+15550100101", "+15550100102", "mms"),
        ("15550100101", "+15550100102", "sms"), // the country is known only with a +
        ("22395", "+15550100102", "sms"),
    ];
    for (n, (from, to, kind)) in texts.iter().enumerate() {
        let fields =
            json!({"from": from, "to": to, "type": kind, "attachments": ["https://media.example/1"]});
        house.accept(SMS, &with(sms(&n.to_string()), &fields)).await;
    }
    let mails = [
        ("user@example.com", "contact@example.org"),
        ("User+news@Example.COM", "contact@example.org"),
        ("contact@example.org", "user+a+b@example.com"),
        ("us.er@example.com", "contact@example.org"),
        ("user@example.com", "contact@example.net"),
    ];
    for (n, (from, to)) in mails.iter().enumerate() {
        let fields = json!({"from": from, "to": to});
        house.accept(EMAIL, &with(email(&n.to_string()), &fields)).await;
    }
    house
        .until_messages(i64::try_from(texts.len() + mails.len()).unwrap())
        .await;
    let expected = [
        ("email:contact@example.net<->user@example.com", 1),
        ("email:contact@example.org<->us.er@example.com", 1),
        ("email:contact@example.org<->user@example.com", 3),
        ("mms:+15550100101<->+15550100102", 1),
        ("sms:+15550100101<->+15550100102", 4),
        ("sms:+15550100102<->15550100101", 1),
        ("sms:+15550100102<->22395", 1),
    ]
    .map(|(key, count)| (key.to_owned(), count));
    assert_eq!(conversations(&house).await, expected);

    // On the message every address stays as it was sent.
    let sent = house.messages_of("sms:+15550100101<->+15550100102").await;
    let addresses: Vec<_> = sent
        .iter()
        .map(|message| (&message["from"], &message["to"]))
        .collect();
    let as_sent: Vec<_> = texts[..4]
        .iter()
        .map(|(from, to, _)| (json!(from), json!(to)))
        .collect();
    assert_eq!(
        addresses,
        as_sent.iter().map(|(from, to)| (from, to)).collect::<Vec<_>>()
    );
    let tagged = &house
        .messages_of("email:contact@example.org<->user@example.com")
        .await[1];
    assert_eq!(tagged["from"], "User+news@Example.COM");
}

#[tokio::test]
async fn late_messages_take_their_place_and_no_activity_away() {
    let house = House::staffed().await;
    for (id, time) in [
        ("second", "2024-11-01T15:00:00Z"),
        ("last", "2024-11-01T18:30:00+02:00"),
        ("first", "2024-11-01T14:59:59.999999Z"),
        ("third", "2024-11-01T15:00:00Z"),
    ] {
        let fields = json!({"body": id, "timestamp": time});
        house.accept(SMS, &with(sms(id), &fields)).await;
        // One at a time, so that each of them changes a conversation that is there.
        house
            .until(
                "select count(*) from messaging.inbound_events where status <> 'processed'",
                0,
            )
            .await;
    }
    let listed = house.get(CONVERSATIONS).await.json();
    assert_eq!(listed["items"][0]["last_activity_at"], "2024-11-01T16:30:00Z");
    assert_eq!(listed["items"][0]["message_count"], 4);
    let messages = house.messages_of("sms:+15550100101<->+15550100102").await;
    let bodies: Vec<_> = messages
        .iter()
        .map(|message| message["body"].as_str().unwrap())
        .collect();
    assert_eq!(bodies, ["first", "second", "third", "last"]);
    assert_eq!(messages[0]["timestamp"], "2024-11-01T14:59:59.999999Z");
}

#[tokio::test]
async fn a_snippet_has_64_characters_whatever_they_weigh() {
    let house = House::staffed().await;
    let texts = [
        "x".repeat(64),
        "x".repeat(65),
        "\u{1f600}".repeat(64),
        "\u{1f600}".repeat(65),
        format!("{}\u{1f468}\u{200d}\u{1f469}", "\u{5e9}".repeat(63)),
    ];
    for (n, text) in texts.iter().enumerate() {
        house
            .accept(SMS, &with(sms(&n.to_string()), &json!({"body": text})))
            .await;
    }
    house.until_messages(i64::try_from(texts.len()).unwrap()).await;
    let messages = house.messages_of("sms:+15550100101<->+15550100102").await;
    for (message, text) in messages.iter().zip(&texts) {
        let snippet: String = text.chars().take(64).collect();
        assert_eq!(
            (&message["body"], &message["snippet"]),
            (&Value::from(text.as_str()), &Value::from(snippet))
        );
    }
}
