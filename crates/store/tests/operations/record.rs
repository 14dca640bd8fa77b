//! Record: order, duplicates, payloads.

use mailroom_domain::{Channel, Payload};
use mailroom_store::event::{self, Recorded};

use crate::stage::Stage;
use crate::talk::{Talk, in_turn};

const BY_ARRIVAL: &str = "select provider_message_id from messaging.inbound_events order by arrival";

#[tokio::test]
async fn events_stand_in_line_in_the_order_given() {
    let stage = Stage::new().await;
    // Neither by key nor by lane nor by id.
    let names = ["m", "z", "a", "q", "b", "y"];
    let events: Vec<_> = (0..)
        .zip(names)
        .map(|(n, name)| Talk::number(n % 4).says(&stage, name))
        .collect();
    stage.record(&events[..4]).await;
    stage.record(&events[4..]).await;
    let line: Vec<_> = stage
        .rows::<(String,)>(BY_ARRIVAL)
        .await
        .into_iter()
        .map(|row| row.0)
        .collect();
    assert_eq!(line, names);
}

#[tokio::test]
async fn nothing_to_record_is_no_trouble() {
    assert!(
        event::record(&mut Stage::new().await.pool.acquire().await.unwrap(), &[])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn twins_in_one_set_are_one_event() {
    let stage = Stage::new().await;
    let talk = Talk::number(1);
    let set = [
        talk.says(&stage, "a"),
        talk.says(&stage, "b"),
        talk.says(&stage, "a"),
    ];
    let recording: Vec<_> = event::record(&mut stage.connection().await, &set)
        .await
        .unwrap()
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        recording,
        [
            Recorded::Recorded(set[0].id),
            Recorded::Recorded(set[1].id),
            Recorded::AlreadyRecorded(set[0].id)
        ]
    );
    assert_eq!(
        stage
            .number("select count(*) from messaging.inbound_events")
            .await,
        2
    );
}

#[tokio::test]
async fn a_redelivery_changes_nothing_but_a_count() {
    let stage = Stage::new().await;
    let talk = Talk::number(1);
    let first = talk.says(&stage, "a");
    stage.record(std::slice::from_ref(&first)).await;
    let mut again = talk.says(&stage, "a");
    again.payload = Payload::new(b"{}"); // as it may be when a newer release redacts more
    let set = [talk.says(&stage, "new"), again];
    let recording = event::record(&mut stage.connection().await, &set).await.unwrap();
    assert!(matches!(recording[0], Ok(Recorded::Recorded(id)) if id == set[0].id));
    assert!(matches!(recording[1], Ok(Recorded::AlreadyRecorded(id)) if id == first.id));
    let lying = stage.lying(first.id).await;
    assert!(lying.is("received", 0) && lying.duplicates == 1, "{lying:?}");
    let kept = "select count(*) from messaging.inbound_events where payload ->> 'body' = 'a' and get_byte(body_hash, 0) = 1";
    assert_eq!(stage.number(kept).await, 1);
}

#[tokio::test]
async fn the_same_id_on_another_channel_is_another_event() {
    let stage = Stage::new().await;
    let talk = Talk::number(1);
    let mut other = talk.says(&stage, "a");
    other.channel = Channel::Mms;
    stage.record(&[talk.says(&stage, "a"), other]).await;
}

#[tokio::test]
async fn recording_again_after_an_unknown_outcome_gives_the_proposed_id() {
    let stage = Stage::new().await;
    let events = in_turn(&stage, &[Talk::number(1), Talk::number(2)], 5);
    stage.record(&events).await;
    stage.record(&events).await; // asserts that each is given back under the id it was proposed with
    assert_eq!(
        stage
            .number("select count(*) from messaging.inbound_events")
            .await,
        5
    );
}

#[tokio::test]
async fn a_redelivery_never_brings_a_finished_event_back() {
    let stage = Stage::new().await;
    let (worker, talk) = (stage.owner().await, Talk::number(1));
    let id = stage.record(&[talk.says(&stage, "a")]).await[0];
    let (token, events) = stage.claim(worker, 1).await;
    stage.finish(token, &events).await;
    let recording = event::record(&mut stage.connection().await, &[talk.says(&stage, "a")])
        .await
        .unwrap();
    assert!(matches!(recording[0], Ok(Recorded::AlreadyRecorded(first)) if first == id));
    assert!(stage.lying(id).await.is("processed", 1));
    assert!(stage.claim(worker, 1).await.1.is_empty());
}

#[tokio::test]
async fn a_payload_comes_back_as_it_went_in() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let bodies: [&[u8]; 5] = [
        br#"{"b": [1, 2.50, "\u00e9 \ud83d\ude00", null]}"#,
        b"{\"nul\": \"\\u0000\"}",
        b"{\"half\": \"\\ud83d\"}",
        b"\xff\x00\xfe broken",
        b"",
    ];
    let events: Vec<_> = (0..)
        .zip(bodies)
        .map(|(n, body)| {
            let mut event = Talk::number(n).says(&stage, &n.to_string());
            event.payload = Payload::new(body);
            event.trace_context = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned());
            event
        })
        .collect();
    stage.record(&events).await;
    let (_, claimed) = stage.claim(worker, 1).await;
    assert_eq!(claimed.len(), bodies.len());
    for (claimed, body) in claimed.iter().zip(bodies) {
        match &claimed.payload {
            Payload::Bytes(bytes) => assert_eq!(bytes, body),
            Payload::Json(text) => {
                let value: serde_json::Value = serde_json::from_str(text).unwrap();
                assert_eq!(value, serde_json::from_slice::<serde_json::Value>(body).unwrap());
            }
        }
        assert_eq!(claimed.trace_context, events[0].trace_context);
    }
    assert!(matches!(claimed[0].payload, Payload::Json(_)));
    assert!(
        claimed[1..]
            .iter()
            .all(|event| matches!(event.payload, Payload::Bytes(_)))
    );
}
