//! Finish: what the database refuses stands alone.

use mailroom_domain::{File, MessageStatus, SnippetLength};
use mailroom_store::event::Effect;
use mailroom_store::{StoreError, event};

use crate::history::assert_exactly_once;
use crate::stage::{Stage, message};
use crate::talk::{Talk, in_turn, told};

#[tokio::test]
async fn a_poison_event_is_refused_and_its_neighbours_are_done() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talks: Vec<_> = (0..9).map(Talk::number).collect();
    stage.record(&in_turn(&stage, &talks, 9)).await;
    let (token, events) = stage.claim(worker, 9).await;
    let mut set: Vec<_> = events.iter().map(|event| stage.finishing(event, 1)).collect();
    message(&mut set[2]).content.body = "no text\0 of PostgreSQL".to_owned();
    message(&mut set[7]).content.attachments = Some(serde_json::json!({"not": "a list"}));
    let outcome = event::finish(
        &mut stage.connection().await,
        token,
        SnippetLength::default(),
        &set,
    )
    .await
    .unwrap();
    assert_eq!(outcome.finished.len(), 7);
    let refused: Vec<_> = outcome.refused.iter().map(|(at, _)| *at).collect();
    assert_eq!(refused, [2, 7]);
    for (at, refusal) in &outcome.refused {
        assert!(matches!(refusal, StoreError::Refused { .. }), "{refusal:?}");
        assert!(!refusal.to_string().contains("no text"), "{refusal}");
        assert!(
            stage.lying(events[*at].id).await.is("processing", 1),
            "it is there to be buried"
        );
    }
    assert_eq!(
        stage.number("select count(*) from messaging.conversations").await,
        7
    );
    assert_exactly_once(&stage).await;
}

#[tokio::test]
async fn poison_among_messages_files_and_statuses_stands_alone() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let mut events: Vec<_> = (0..6)
        .map(|n| Talk::number(n).says(&stage, &n.to_string()))
        .collect();
    events.extend((0..6).map(|n| told(&stage, &n.to_string(), MessageStatus::Read, 0)));
    stage.record(&events).await;
    let (token, events) = stage.claim(worker, 9).await;
    let mut set: Vec<_> = events.iter().map(|event| stage.finishing(event, 1)).collect();
    for finishing in &mut set[..6] {
        stage.attach(finishing, vec![File::default(), File::default()]);
    }
    message(&mut set[1]).content.files[1].name = Some("no name\0 of PostgreSQL".to_owned());
    let twice = message(&mut set[4]).files[0];
    message(&mut set[4]).files[1] = twice;
    match &mut set[9].effect {
        Effect::Status(change) => change.word = "no word\0".to_owned(),
        other => panic!("{other:?}"),
    }
    let outcome = event::finish(
        &mut stage.connection().await,
        token,
        SnippetLength::default(),
        &set,
    )
    .await
    .unwrap();
    let refused: Vec<_> = outcome.refused.iter().map(|(at, _)| *at).collect();
    assert_eq!((outcome.finished.len(), refused), (9, vec![1, 4, 9]));
    assert_exactly_once(&stage).await;
    assert_eq!(stage.number("select count(*) from messaging.files").await, 8);
}

#[tokio::test]
async fn the_order_within_a_conversation_outlives_the_splitting() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    stage.record(&in_turn(&stage, &[Talk::number(0)], 7)).await;
    let (token, events) = stage.claim(worker, 9).await;
    let mut set: Vec<_> = events.iter().map(|event| stage.finishing(event, 1)).collect();
    let conversation = message(&mut set[0]).conversation;
    for finishing in &mut set {
        message(finishing).conversation = conversation;
    }
    message(&mut set[3]).content.body = "\0".to_owned();
    let outcome = event::finish(
        &mut stage.connection().await,
        token,
        SnippetLength::default(),
        &set,
    )
    .await
    .unwrap();
    assert_eq!((outcome.finished.len(), outcome.refused.len()), (6, 1));
    crate::history::assert_in_order(&stage).await;
    assert_exactly_once(&stage).await;
}
