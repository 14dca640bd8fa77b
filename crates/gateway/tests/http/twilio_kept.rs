//! What is signed is kept whatever it says: Twilio would not offer it again in another form.

use crate::house::House;
use crate::twilio_signing::{EMPTY_REPLY, SETTINGS, deliver, message};

const LINES: &str =
    "select conversation_key from messaging.inbound_events where conversation_key like 'twilio:demo:%'";

fn fields<'a>(pairs: &[(&'a str, &str)]) -> Vec<(&'a str, String)> {
    pairs
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_kept_and_buried() {
    let house = House::with(&SETTINGS).await;
    let odd = [
        fields(&[]),
        fields(&[("something", "else")]),
        fields(&[("MessageSid", "SM1")]),
        fields(&[
            ("MessageSid", "SM2"),
            ("From", "nobody at all, really"),
            ("To", "+15550100102"),
        ]),
        fields(&[
            ("From", "+15550100101"),
            ("To", "+15550100102"),
            ("Body", "no id"),
        ]),
        fields(&[("MessageSid", "SM\0"), ("From", "\0"), ("To", "\u{fffd}")]),
    ];
    for form in &odd {
        let answer = deliver(&house, form).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, EMPTY_REPLY),
            "{form:?}"
        );
        // Delivered again it is known again.
        assert_eq!(deliver(&house, form).await.status, 200);
    }
    let number = i64::try_from(odd.len()).unwrap();
    assert_eq!(house.events().await, number);
    let mut lines = house.texts(LINES).await;
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), odd.len(), "each stands in a line of its own");

    let house = house.employ().await;
    assert_eq!(deliver(&house, &message("SM9")).await.status, 200);
    house.until_messages(1).await;
    house
        .until("select count(*) from messaging.inbound_events where status = 'dead_letter' and error_code = 'unreadable'", number)
        .await;
}

#[tokio::test]
async fn a_status_callback_is_an_event_of_its_own_kind() {
    let house = House::with(&SETTINGS).await;
    for status in ["queued", "sent", "delivered", "delivered"] {
        let form = fields(&[
            ("MessageSid", "SM1"),
            ("MessageStatus", status),
            ("From", "+15550100102"),
            ("To", "+15550100101"),
        ]);
        let answer = deliver(&house, &form).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, EMPTY_REPLY),
            "{status}"
        );
    }
    assert_eq!(
        deliver(&house, &message("SM1")).await.status,
        200,
        "the message itself has another id"
    );
    let kinds = house
        .texts("select kind || ' ' || duplicates from messaging.inbound_events order by arrival")
        .await;
    assert_eq!(kinds, ["status 0", "status 0", "status 1", "message 0"]);
}

#[tokio::test]
async fn a_nul_in_a_form_is_shown_replaced() {
    let house = House::with(&SETTINGS).await.employ().await;
    let mut form = message("SM1");
    form.push(("Odd", "\0".to_owned()));
    form.iter_mut().find(|(name, _)| *name == "Body").unwrap().1 = "a\0b".to_owned();
    assert_eq!(deliver(&house, &form).await.status, 200);
    house.until_messages(1).await;
    let shown = house.messages_of("sms:+15550100101<->+15550100102").await;
    assert_eq!(shown[0]["body"], "a\u{fffd}b");
}
