//! Files and e-mail: what messages have beside their text.

use mailroom_domain::{Email, File, FilePlace, SnippetLength};
use mailroom_store::event;

use crate::stage::{Stage, message};
use crate::talk::{Talk, in_turn};

/// One file of each sort.
fn files() -> Vec<File> {
    vec![
        File {
            name: Some("caf\u{e9}.png".to_owned()),
            content_type: Some("image/png".to_owned()),
            size: Some(5_000_000_000),
            place: Some(FilePlace::Url("https://media.example.com/1".to_owned())),
            sha256: Some([7; 32]),
        },
        File {
            place: Some(FilePlace::Provider("AgACAgIAAxkBAAI".to_owned())),
            ..File::default()
        },
        File {
            place: Some(FilePlace::Payload("/attachments/0/content#2".to_owned())),
            ..File::default()
        },
        File::default(),
    ]
}

#[tokio::test]
async fn files_are_listed_on_their_message_in_their_order() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talk = Talk::number(0);
    stage
        .record(&in_turn(&stage, std::slice::from_ref(&talk), 3))
        .await;
    let (token, events) = stage.claim(worker, 9).await;
    let mut set: Vec<_> = (0..)
        .zip(&events)
        .map(|(n, event)| stage.finishing(event, n))
        .collect();
    let conversation = message(&mut set[0]).conversation;
    for finishing in &mut set {
        message(finishing).conversation = conversation;
    }
    stage.attach(&mut set[0], files());
    stage.attach(&mut set[2], files().into_iter().rev().collect());
    let outcome = event::finish(
        &mut stage.connection().await,
        token,
        SnippetLength::default(),
        &set,
    )
    .await
    .unwrap();
    assert_eq!((outcome.finished.len(), outcome.refused.len()), (3, 0));
    let listed = stage.messages(&talk).await;
    for (at, finishing) in set.iter_mut().enumerate() {
        let given = message(finishing);
        let found: Vec<_> = listed[at]
            .files
            .iter()
            .map(|file| (file.id, file.file.clone()))
            .collect();
        let expected: Vec<_> = given
            .files
            .iter()
            .copied()
            .zip(given.content.files.clone())
            .collect();
        assert_eq!(found, expected, "{at}");
    }
    assert_eq!(stage.number("select count(*) from messaging.files").await, 8);
}

#[tokio::test]
async fn without_the_claim_no_file_is_kept() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    stage.record(&[Talk::number(0).says(&stage, "a")]).await;
    let (_, events) = stage.claim(worker, 9).await;
    let mut finishing = stage.finishing(&events[0], 1);
    stage.attach(&mut finishing, files());
    let forged = mailroom_domain::ClaimToken::new(stage.random());
    event::finish(
        &mut stage.connection().await,
        forged,
        SnippetLength::default(),
        &[finishing],
    )
    .await
    .unwrap();
    assert_eq!(stage.number("select count(*) from messaging.files").await, 0);
}

#[tokio::test]
async fn an_email_comes_back_as_it_went_in() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talk = Talk::number(0);
    stage
        .record(&in_turn(&stage, std::slice::from_ref(&talk), 2))
        .await;
    let (token, events) = stage.claim(worker, 9).await;
    let mut set: Vec<_> = (0..)
        .zip(&events)
        .map(|(n, event)| stage.finishing(event, n))
        .collect();
    message(&mut set[1]).conversation = message(&mut set[0]).conversation;
    let email = Email {
        subject: Some("Gr\u{fc}\u{df}e \u{1f4ee}".to_owned()),
        html: Some("<p>hello</p>".to_owned()),
        message_id: Some("1@example.com".to_owned()),
        in_reply_to: vec!["0@example.com".to_owned()],
        references: vec!["-1@example.com".to_owned(), "0@example.com".to_owned()],
        headers: vec![
            ("Received".to_owned(), "a".to_owned()),
            ("Received".to_owned(), "b".to_owned()),
        ],
    };
    message(&mut set[0]).content.email = Some(email.clone());
    message(&mut set[1]).content.email = Some(Email::default());
    message(&mut set[1]).content.reference = None;
    let outcome = event::finish(
        &mut stage.connection().await,
        token,
        SnippetLength::default(),
        &set,
    )
    .await
    .unwrap();
    assert_eq!((outcome.finished.len(), outcome.refused.len()), (2, 0));
    let listed = stage.messages(&talk).await;
    let emails: Vec<_> = listed.iter().map(|message| message.email.clone()).collect();
    assert_eq!(emails, [Some(email), Some(Email::default())]);
    let references: Vec<_> = listed.into_iter().map(|message| message.reference).collect();
    assert_eq!(references, [Some(crate::talk::named("in turn 0")), None]);
}
