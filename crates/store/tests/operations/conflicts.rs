//! Record: what is delivered again with another content is kept beside the first, once for each content.

use mailroom_domain::{Headers, NewEvent, Payload};
use mailroom_store::event::{self, Recorded};
use mailroom_store::{StoreError, letter};
use tokio::task::JoinSet;

use crate::stage::Stage;
use crate::talk::{Talk, in_turn};

/// The same event with another content.
fn other(stage: &Stage, id: &str, content: u8) -> NewEvent {
    let mut event = Talk::number(1).says(stage, id);
    event.payload = Payload::new(format!(r#"{{"content":{content}}}"#).as_bytes());
    event.body_hash = [content; 32];
    event
}

async fn record(stage: &Stage, events: &[NewEvent]) -> Vec<Recorded> {
    let recording = event::record(&mut stage.connection().await, events)
        .await
        .unwrap();
    recording.into_iter().map(Result::unwrap).collect()
}

/// The first byte of the hash and the payload of each conflict.
async fn kept(stage: &Stage) -> Vec<(i32, String)> {
    stage
        .rows("select get_byte(body_hash, 0), payload::text from messaging.conflicting_duplicates order by body_hash")
        .await
}

#[tokio::test]
async fn each_content_is_kept_once_and_the_first_stands() {
    let stage = Stage::new().await;
    let first = Talk::number(1).says(&stage, "a");
    stage.record(std::slice::from_ref(&first)).await;
    for _ in 0..3 {
        let set = [
            Talk::number(2).says(&stage, "b"),
            other(&stage, "a", 7),
            other(&stage, "a", 3),
            other(&stage, "a", 1),
        ];
        let recorded = record(&stage, &set).await;
        assert_eq!(
            recorded[1..],
            [
                Recorded::Conflicting(first.id),
                Recorded::Conflicting(first.id),
                Recorded::AlreadyRecorded(first.id)
            ]
        );
    }
    let expected = [
        (3, r#"{"content": 3}"#.to_owned()),
        (7, r#"{"content": 7}"#.to_owned()),
    ];
    assert_eq!(kept(&stage).await, expected);
    let stands = "select count(*) from messaging.inbound_events where payload ->> 'body' = 'a' and get_byte(body_hash, 0) = 1";
    assert_eq!(stage.number(stands).await, 1);
    assert_eq!(
        stage.lying(first.id).await.duplicates,
        9,
        "each delivery is counted"
    );
}

#[tokio::test]
async fn twins_in_one_set_conflict_too() {
    let stage = Stage::new().await;
    let set = [
        other(&stage, "a", 5),
        other(&stage, "a", 6),
        other(&stage, "a", 5),
        other(&stage, "a", 6),
    ];
    let id = set[0].id;
    assert_eq!(
        record(&stage, &set).await,
        [
            Recorded::Recorded(id),
            Recorded::Conflicting(id),
            Recorded::AlreadyRecorded(id),
            Recorded::Conflicting(id)
        ]
    );
    assert_eq!(kept(&stage).await, [(6, r#"{"content": 6}"#.to_owned())]);
    // As a gateway does that never heard whether it was done.
    assert_eq!(record(&stage, &set).await[1], Recorded::Conflicting(id));
    assert_eq!(kept(&stage).await.len(), 1);
}

#[tokio::test]
async fn all_that_reading_it_needs_is_kept() {
    let stage = Stage::new().await;
    stage.record(&[Talk::number(1).says(&stage, "a")]).await;
    let mut again = other(&stage, "a", 7);
    again.payload = Payload::Bytes(b"\0 not JSON".to_vec());
    again.headers = Headers::from([("x-kind".to_owned(), "push".to_owned())]);
    again.provider = "github".to_owned();
    again.endpoint = "second".to_owned();
    again.trace_context = Some("00-trace".to_owned());
    record(&stage, &[again]).await;
    let kept = "select count(*) from messaging.conflicting_duplicates
        where payload is null and payload_bytes = '\\x00206e6f74204a534f4e' and headers = '{\"x-kind\": \"push\"}'
          and provider = 'github' and endpoint = 'second' and trace_context = '00-trace'";
    assert_eq!(stage.number(kept).await, 1);
}

#[tokio::test]
async fn one_that_can_not_be_kept_is_refused_alone() {
    let stage = Stage::new().await;
    stage.record(&in_turn(&stage, &[Talk::number(1)], 3)).await;
    let mut bad = other(&stage, "in turn 1", 8);
    bad.payload = Payload::Json("{".to_owned());
    let set = [
        other(&stage, "in turn 0", 8),
        bad.clone(),
        other(&stage, "in turn 2", 8),
        bad,
        Talk::number(3).says(&stage, "new"),
    ];
    let recording = event::record(&mut stage.connection().await, &set).await.unwrap();
    for at in [1, 3] {
        assert!(matches!(&recording[at], Err(StoreError::Refused { .. })), "{at}");
    }
    for at in [0, 2] {
        assert!(matches!(&recording[at], Ok(Recorded::Conflicting(_))), "{at}");
    }
    assert!(matches!(&recording[4], Ok(Recorded::Recorded(id)) if *id == set[4].id));
    assert_eq!(kept(&stage).await.len(), 2);
}

#[tokio::test]
async fn while_conflicts_can_not_be_kept_the_sender_is_to_try_again() {
    let stage = Stage::new().await;
    stage.record(&[Talk::number(1).says(&stage, "a")]).await;
    stage
        .execute("alter table messaging.conflicting_duplicates rename to away")
        .await;
    let set = [Talk::number(2).says(&stage, "b"), other(&stage, "a", 7)];
    let trouble = event::record(&mut stage.connection().await, &set)
        .await
        .unwrap_err();
    assert!(trouble.is_transient(), "{trouble:?}");
    stage
        .execute("alter table messaging.away rename to conflicting_duplicates")
        .await;
    let recorded = record(&stage, &set).await;
    assert_eq!(
        recorded[0],
        Recorded::Recorded(set[0].id),
        "it was recorded before"
    );
    assert_eq!(kept(&stage).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_that_disagree_never_deadlock_and_lose_nothing() {
    let stage = Stage::new().await;
    let talks: Vec<_> = (0..20).map(Talk::number).collect();
    for round in 0..8_u8 {
        let mut writers = JoinSet::new();
        for writer in 0..6 {
            let mut events = in_turn(&stage, &talks, 60);
            for event in &mut events {
                event.provider_message_id = format!("{} round {round}", event.provider_message_id);
                event.body_hash = [writer % 3; 32];
            }
            if writer % 2 == 1 {
                events.reverse();
            }
            let pool = stage.pool.clone();
            writers.spawn(async move { event::record(&mut pool.acquire().await.unwrap(), &events).await });
        }
        let [mut first, mut again, mut conflicting] = [0; 3];
        while let Some(recording) = writers.join_next().await {
            for recorded in recording.unwrap().expect("a deadlock") {
                *match recorded.unwrap() {
                    Recorded::Recorded(_) => &mut first,
                    Recorded::AlreadyRecorded(_) => &mut again,
                    Recorded::Conflicting(_) => &mut conflicting,
                } += 1;
            }
        }
        // Of three contents, delivered twice each, one stands.
        assert_eq!((first, again, conflicting), (60, 60, 240), "round {round}");
        let kept = "select count(*) from messaging.conflicting_duplicates";
        assert_eq!(stage.number(kept).await, 120 * (i64::from(round) + 1));
    }
    let same = "select count(*) from messaging.conflicting_duplicates c
        join messaging.inbound_events e on e.lane = c.lane and e.id = c.event_id where e.body_hash = c.body_hash";
    assert_eq!(
        stage.number(same).await,
        0,
        "the first is no conflict with itself"
    );
}

#[tokio::test]
async fn a_dead_letter_tells_of_its_conflicts() {
    let stage = Stage::new().await;
    let id = stage.record(&[Talk::number(1).says(&stage, "a")]).await[0];
    record(&stage, &[other(&stage, "a", 7), other(&stage, "a", 8)]).await;
    stage
        .execute("update messaging.inbound_events set status = 'dead_letter', error_code = 'unreadable'")
        .await;
    let content = letter::show(&stage.pool, id).await.unwrap().unwrap();
    assert_eq!((content.conflicts, content.duplicates), (2, 2));
}
