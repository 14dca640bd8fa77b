//! Finish: message, conversation and event in one, for those who still hold the claim.

use chrono::{DateTime, TimeDelta, Utc};
use mailroom_domain::{ClaimToken, SnippetLength};
use mailroom_store::event;
use tokio::task::JoinSet;

use crate::history::assert_exactly_once;
use crate::stage::{Stage, message};
use crate::talk::{Talk, in_turn};

#[tokio::test]
async fn message_conversation_and_event_appear_together() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talk = Talk::number(0);
    let id = stage.record(&[talk.says(&stage, "a")]).await[0];
    let (token, events) = stage.claim(worker, 1).await;
    let mut finishing = stage.finishing(&events[0], 3);
    message(&mut finishing).content.attachments = Some(serde_json::json!(["one", {"two": 2}]));
    let three = SnippetLength::try_from(3).unwrap();
    let outcome = event::finish(
        &mut stage.connection().await,
        token,
        three,
        std::slice::from_ref(&finishing),
    )
    .await
    .unwrap();
    assert_eq!((outcome.finished[0].event, outcome.finished.len()), (id, 1));
    let lying = stage.lying(id).await;
    assert!(lying.is("processed", 1) && lying.token.is_none(), "{lying:?}");
    let said: (String, String, String, String, i64, bool, DateTime<Utc>) = stage
        .rows(
            "select m.sender, m.recipient, m.body, m.snippet, m.arrival, m.attachments = '[\"one\", {\"two\": 2}]',
                    m.timestamp
             from messaging.messages m join messaging.conversations c on c.lane = m.lane and c.id = m.conversation_id
             where m.status = 'delivered' and m.direction = 'inbound'",
        )
        .await
        .remove(0);
    let at = DateTime::UNIX_EPOCH + TimeDelta::minutes(3);
    let body = message(&mut finishing).content.body.clone();
    let expected = (
        talk.to.clone(),
        talk.from.clone(),
        body,
        "mes".to_owned(),
        events[0].arrival,
        true,
        at,
    );
    assert_eq!(said, expected);
    let conversation: Vec<(String, String, String, String, i64, DateTime<Utc>)> = stage
        .rows("select key, channel, participant_a, participant_b, message_count, last_activity_at from messaging.conversations")
        .await;
    let key = talk.key.as_str().to_owned();
    assert_eq!(conversation, [(key, "sms".to_owned(), talk.from, talk.to, 1, at)]);
}

#[tokio::test]
async fn without_the_claim_nothing_is_kept() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let id = stage.record(&[Talk::number(0).says(&stage, "a")]).await[0];
    let (_, events) = stage.claim(worker, 1).await;
    let forged = ClaimToken::new(stage.random());
    assert!(stage.finish(forged, &events).await.is_empty());
    assert_eq!(stage.number("select count(*) from messaging.messages").await, 0);
    assert_eq!(
        stage.number("select count(*) from messaging.conversations").await,
        0
    );
    assert!(stage.lying(id).await.is("processing", 1));
}

#[tokio::test]
async fn a_lost_claim_adds_nothing_to_a_conversation_that_stands() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    stage.record(&in_turn(&stage, &[Talk::number(0)], 2)).await;
    let (token, events) = stage.claim(worker, 2).await;
    stage.finish(token, &events[..1]).await;
    let before: Vec<(i64, DateTime<Utc>)> = stage
        .rows("select message_count, last_activity_at from messaging.conversations")
        .await;
    stage.finish(ClaimToken::new(stage.random()), &events).await;
    let after: Vec<(i64, DateTime<Utc>)> = stage
        .rows("select message_count, last_activity_at from messaging.conversations")
        .await;
    assert_eq!(before, after);
}

#[tokio::test]
async fn finishing_twice_has_one_effect() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    stage
        .record(&in_turn(&stage, &[Talk::number(0), Talk::number(1)], 2))
        .await;
    let (token, events) = stage.claim(worker, 9).await;
    assert_eq!(stage.finish(token, &events[..1]).await.len(), 1);
    let second = stage.finish(token, &events).await;
    assert_eq!(second, [events[1].id], "only what was not done yet");
    assert!(stage.finish(token, &events).await.is_empty());
    assert_eq!(stage.number("select count(*) from messaging.messages").await, 2);
    assert_exactly_once(&stage).await;
}

#[tokio::test]
async fn a_conversation_counts_its_messages_and_keeps_the_latest_time() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    stage
        .record(&in_turn(&stage, &[Talk::number(0), Talk::number(1)], 12))
        .await;
    let minutes = [50_i64, 7, 90, 3, 20, 60];
    let (token, events) = stage.claim(worker, 99).await;
    for (round, set) in events.chunks(4).enumerate() {
        let mut finishing: Vec<_> = (0..)
            .zip(set)
            .map(|(n, event)| stage.finishing(event, minutes[(2 * round + n) % 6]))
            .collect();
        for n in 2..4 {
            message(&mut finishing[n]).conversation = message(&mut finishing[n - 2]).conversation; // one id for each conversation in a set
        }
        let done = event::finish(
            &mut stage.connection().await,
            token,
            SnippetLength::default(),
            &finishing,
        )
        .await
        .unwrap();
        assert_eq!(done.finished.len(), 4, "{:?}", done.refused);
    }
    assert_eq!(
        stage
            .number("select count(*) from messaging.conversations where message_count = 6")
            .await,
        2
    );
    let late = stage.number("select count(*) from messaging.conversations where last_activity_at = 'epoch'::timestamptz + interval '90 minutes'");
    assert!(late.await >= 1);
    assert_exactly_once(&stage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sets_that_share_conversations_never_deadlock() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talks: Vec<_> = (0..40).map(Talk::number).collect();
    for round in 0..8 {
        // Late claims of the same conversations are in work at once when a lease has changed hands.
        let (mut claims, mut after) = (Vec::new(), 0);
        for turn in 0..4 {
            let said: Vec<_> = talks
                .iter()
                .map(|talk| talk.says(&stage, &format!("{round} {turn} {}", talk.from)))
                .collect();
            stage.record(&said).await;
            let (token, events) = stage.claim_after(worker, after, 9).await;
            after = events.last().unwrap().arrival;
            claims.push((token, events));
        }
        let mut finishers = JoinSet::new();
        for (turn, (token, mut events)) in claims.into_iter().enumerate() {
            if turn % 2 == 1 {
                events.reverse();
            }
            let set: Vec<_> = events
                .iter()
                .map(|event| stage.finishing(event, event.arrival))
                .collect();
            let pool = stage.pool.clone();
            finishers.spawn(async move {
                event::finish(
                    &mut pool.acquire().await.unwrap(),
                    token,
                    SnippetLength::default(),
                    &set,
                )
                .await
            });
        }
        for outcome in finishers.join_all().await {
            let outcome = outcome.expect("a deadlock");
            assert_eq!((outcome.finished.len(), outcome.refused.len()), (40, 0));
        }
    }
    assert_exactly_once(&stage).await;
}
