//! `why`: why a conversation does not move on, in each of the ways it can.

use serde_json::Value;

use crate::letters::{letter, letters};
use crate::mailroom::Mailroom;
use crate::tool::{ask, call};

const WORKER: &str = "00000000-0000-4000-8000-00000000000a";

/// What is said of the conversation with this key, as the reason, the sentences, and all of it.
async fn why(mailroom: &Mailroom, key: &str) -> (String, String, Value) {
    let said = ask(mailroom, &["why", "--conversation", key]).await;
    let sentences: Vec<_> = said["explanation"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().to_owned())
        .collect();
    let reason = said["reason"].as_str().unwrap().to_owned();
    (reason, sentences.join(" "), said)
}

async fn hold(mailroom: &Mailroom, lease: &str) {
    mailroom
        .execute(&format!(
            "update messaging.lanes set owner = '{WORKER}', token = '{WORKER}', lease_until = now() + interval '{lease}';
             insert into messaging.workers (id, lease_until) values ('{WORKER}', now() + interval '{lease}')
             on conflict (id) do update set lease_until = excluded.lease_until"
        ))
        .await;
}

/// A conversation with a dead letter and three events behind it; its key, and the ids.
async fn waiting() -> (Mailroom, String, Vec<String>) {
    let mut mailroom = Mailroom::new().await;
    let letters = letters(&mut mailroom.chance, 1, 4);
    mailroom.record(&letters).await;
    let dead = letters[0].id;
    mailroom
        .execute(&format!(
            "update messaging.inbound_events set status = 'dead_letter', error_code = 'unreadable' where id = '{dead}'"
        ))
        .await;
    let key = letters[0].conversation_key.as_str().to_owned();
    let ids = letters.iter().map(|letter| letter.id.to_string()).collect();
    (mailroom, key, ids)
}

#[tokio::test]
async fn what_an_event_waits_for_is_told_in_plain_words() {
    let (mailroom, key, ids) = waiting().await;
    let first = &ids[1];
    let (reason, said, _) = why(&mailroom, &key).await;
    assert_eq!(reason, "nobody_tends_the_lane");
    assert!(
        said.contains("is tended by nobody") && said.contains("2 events wait behind it"),
        "{said}"
    );
    assert!(
        said.contains("1 of this conversation in the dead letters: they hold nothing up"),
        "{said}"
    );

    hold(&mailroom, "10 minutes").await;
    let (reason, said, all) = why(&mailroom, &key).await;
    assert_eq!(
        (reason.as_str(), all["first"]["event"].as_str()),
        ("next_in_line", Some(first.as_str()))
    );
    assert!(said.contains(&format!("is tended by worker {WORKER}")), "{said}");

    mailroom
        .execute(&format!(
            "update messaging.inbound_events set status = 'error', attempt_count = 2, error_code = 'unavailable',
                 next_attempt_at = '2099-01-01T00:00:00Z' where id = '{first}'"
        ))
        .await;
    let (reason, said, _) = why(&mailroom, &key).await;
    assert_eq!(reason, "waits_for_retry");
    assert!(
        said.contains("retry at 2099-01-01T00:00:00Z: attempt 2 of 6 failed (unavailable)"),
        "{said}"
    );

    mailroom
        .execute(&format!(
            "insert into messaging.claims (token, worker, lanes, events)
             select '{WORKER}', '{WORKER}', array[lane], array[id] from messaging.inbound_events where id = '{first}'"
        ))
        .await;
    let (reason, said, all) = why(&mailroom, &key).await;
    assert_eq!(reason, "in_work");
    assert!(
        said.contains(&format!("is held by worker {WORKER}")) && said.contains("its lease ends at"),
        "{said}"
    );
    assert_eq!(all["behind"], 2);
    hold(&mailroom, "-1 minute").await;
    let (reason, said, _) = why(&mailroom, &key).await;
    assert_eq!(reason, "worker_gone");
    assert!(
        said.contains("that worker is gone") && said.contains("tended by nobody"),
        "{said}"
    );
}

#[tokio::test]
async fn pauses_are_told_with_who_and_why() {
    let (mailroom, key, ids) = waiting().await;
    let first = &ids[1];
    hold(&mailroom, "10 minutes").await;
    mailroom
        .execute(&format!(
            "update messaging.inbound_events set status = 'error', attempt_count = 1, next_attempt_at = 'infinity', error_code = 'paused' where id = '{first}'"
        ))
        .await;
    ask(
        &mailroom,
        &[
            "pause",
            "--provider",
            "direct",
            "--reason",
            "a drill",
            "--actor",
            "anna",
        ],
    )
    .await;
    let (reason, said, all) = why(&mailroom, &key).await;
    assert_eq!(
        (reason.as_str(), all["first"]["state"].as_str()),
        ("provider_paused", Some("parked"))
    );
    assert!(
        said.contains("provider direct is paused since") && said.contains("by anna (a drill)"),
        "{said}"
    );
    ask(&mailroom, &["pause", "--all", "--reason", "a move"]).await;
    let (reason, said, _) = why(&mailroom, &key).await;
    assert_eq!(reason, "everything_paused");
    assert!(said.contains("All work is paused since"), "{said}");

    let called = call(&mailroom, &["why", "--event", &ids[3]]).await;
    assert!(
        called
            .said
            .starts_with("This event is `received`, with 2 unfinished ones before it.\n"),
        "{called:?}"
    );
    let called = call(&mailroom, &["why", "--event", &ids[0]]).await;
    assert!(
        called.said.starts_with("This event is a dead letter"),
        "{called:?}"
    );
}

#[tokio::test]
async fn nothing_waits_and_nothing_known_are_told_apart() {
    let mut mailroom = Mailroom::new().await;
    let letter = letter(&mut mailroom.chance, 1, 1, "hello");
    let key = letter.conversation_key.as_str();
    assert_eq!(
        call(&mailroom, &["why", "--conversation", key]).await.code,
        Some(3)
    );
    let unknown = "11111111-0000-4000-8000-000000000000";
    for way in ["--conversation", "--event"] {
        assert_eq!(
            call(&mailroom, &["why", way, unknown]).await.code,
            Some(3),
            "{way}"
        );
    }
    assert_eq!(call(&mailroom, &["why"]).await.code, Some(2));
    mailroom.record(std::slice::from_ref(&letter)).await;
    let _worker = mailroom.worker().start().await;
    mailroom.until_done(std::time::Duration::from_secs(20)).await;
    let (reason, said, _) = why(&mailroom, key).await;
    assert_eq!(
        (reason.as_str(), said.as_str()),
        ("nothing_waits", "Nothing waits in this conversation.")
    );
    let ids: Vec<(String,)> = mailroom
        .rows("select id::text from messaging.conversations")
        .await;
    assert_eq!(why(&mailroom, &ids[0].0).await.0, "nothing_waits");
}
