//! Recorded traffic of Twilio: every request is answered as it was recorded to be.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::answer::Answer;
use crate::house::House;
use crate::twilio_signing::{EMPTY_REPLY, SETTINGS};

const TRAFFIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../dev/traffic/twilio.jsonl");

#[tokio::test]
async fn what_was_signed_is_taken_and_nothing_else() {
    let house = House::with(&SETTINGS).await.employ().await;
    let traffic = std::fs::read_to_string(TRAFFIC).unwrap();
    let (mut events, mut refused) = (BTreeSet::new(), 0);
    for line in traffic.lines() {
        let recorded: Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| recorded[field].as_str().unwrap().to_owned();
        let mut request = house.client.post(format!("{}{}", house.base_url, text("path")));
        for (name, value) in recorded["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        let answer = Answer::of(request.body(text("body")).send().await.unwrap()).await;
        assert_eq!(answer.status, recorded["answer"], "{}: {answer:?}", text("name"));
        if answer.status == 200 {
            assert_eq!(answer.body, EMPTY_REPLY);
            assert_eq!(answer.header("content-type"), Some("text/xml"));
            events.insert(text("event"));
        } else {
            refused += 1;
        }
    }
    assert!(events.len() > 40 && refused >= 4, "the recording was not found");
    let number = i64::try_from(events.len()).unwrap();
    house.until_messages(number).await;
    assert_eq!(house.events().await, number);
    let found = house
        .texts("select channel || '/' || provider_message_id from messaging.inbound_events")
        .await;
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), events);
}
