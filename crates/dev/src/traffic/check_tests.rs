//! Player and check against a stand-in on a real socket: what is right passes, each fault is found.

use std::cell::Cell;
use std::time::Duration;

use super::fake_gateway::{FakeGateway, Fault};
use super::play::{Played, Progress};
use super::report::{Problem, Report};
use super::{Counters, Gateway, Recording, check, play};

async fn run(recording: &Recording, gateway: &Gateway) -> (Played, Report) {
    let before = Counters::read(gateway).await.unwrap();
    let played = play(recording, gateway, 8, |_| ()).await.unwrap();
    let report = check(gateway, recording, &played, before, Duration::from_millis(600))
        .await
        .unwrap();
    (played, report)
}

async fn with(fault: Fault) -> Report {
    let recording = Recording::plain().unwrap();
    let (_, gateway) = FakeGateway::start(&recording, fault).await;
    run(&recording, &gateway).await.1
}

#[tokio::test]
async fn everything_arrives_once_and_a_second_run_is_all_duplicates() {
    let recording = Recording::plain().unwrap();
    let totals = recording.expected().totals;
    let (_, gateway) = FakeGateway::start(&recording, Fault::None).await;

    let (played, first) = run(&recording, &gateway).await;
    assert_eq!(first.complaints().collect::<Vec<_>>(), [""; 0]);
    assert!(first.is_clean());
    assert_eq!(played.sent, totals.requests);
    assert_eq!(
        (played.accepted, played.refused),
        (totals.events + totals.duplicates, totals.refused)
    );
    assert_eq!(
        (first.recorded, first.duplicate),
        (totals.events as u64, totals.duplicates as u64)
    );
    assert_eq!(
        first.conversations.len(),
        recording.expected().conversations.len()
    );

    let (played, second) = run(&recording, &gateway).await;
    assert!(second.is_clean(), "{:?}", second.complaints().collect::<Vec<_>>());
    assert_eq!((second.recorded, second.duplicate), (0, played.accepted as u64));
}

#[tokio::test]
async fn a_conversation_is_sent_in_order_and_progress_hears_of_every_answer() {
    let recording = Recording::plain().unwrap();
    let (fake, gateway) = FakeGateway::start(&recording, Fault::Busy).await;
    let (calls, last) = (Cell::new(0), Cell::new(Progress::default()));
    let played = play(&recording, &gateway, 8, |progress| {
        calls.set(calls.get() + 1);
        last.set(progress);
    })
    .await
    .unwrap();

    assert!(played.retried > 0, "the stand-in was busy at times");
    assert_eq!(played.mismatches, []);
    assert_eq!(
        (calls.get(), last.get().sent),
        (recording.requests().len(), last.get().total)
    );

    let heard = fake.heard();
    for place in 0..recording.expected().conversations.len() {
        let sent = recording
            .requests()
            .iter()
            .filter(|it| recording.conversation_of(it) == Some(place));
        let sent: Vec<&String> = sent.map(|it| &it.body).collect();
        let arrived: Vec<&String> = heard.iter().filter(|body| sent.contains(body)).collect();
        assert_eq!(arrived, sent);
    }
}

#[tokio::test]
async fn a_lost_message_is_reported() {
    let report = with(Fault::Loses).await;
    assert!(!report.is_clean());
    let missing = report
        .findings
        .iter()
        .filter(|it| matches!(it.problem, Problem::Missing { .. }))
        .count();
    assert_eq!(missing, 1, "{:?}", report.findings);
}

#[tokio::test]
async fn a_doubled_message_is_reported() {
    let report = with(Fault::Doubles).await;
    let doubled = report
        .findings
        .iter()
        .filter(|it| matches!(it.problem, Problem::Doubled { times: 2, .. }))
        .count();
    assert_eq!(doubled, 1, "{:?}", report.findings);
}

#[tokio::test]
async fn a_list_by_arrival_is_reported() {
    let report = with(Fault::Unsorted).await;
    assert!(!report.findings.is_empty());
    assert!(
        report
            .findings
            .iter()
            .all(|it| matches!(it.problem, Problem::OutOfOrder { .. })),
        "{:?}",
        report.findings
    );
}

#[tokio::test]
async fn an_answer_other_than_recorded_is_reported() {
    let report = with(Fault::Trusts).await;
    assert_eq!(
        report.mismatches.len(),
        Recording::plain().unwrap().expected().totals.refused
    );
    assert!(!report.is_clean());
}

#[tokio::test]
async fn requests_that_are_neither_recorded_nor_duplicate_are_reported() {
    let report = with(Fault::Uncounted).await;
    assert!(report.findings.is_empty());
    assert!(report.miscount.is_some() && !report.is_clean());
}

#[tokio::test]
async fn a_gateway_that_is_not_there_is_an_error() {
    let nobody = Gateway::new("http://127.0.0.1:9", "http://127.0.0.1:9").unwrap();
    assert!(Counters::read(&nobody).await.is_err());
}
