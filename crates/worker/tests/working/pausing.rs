//! `pause` and `resume` while workers are alive: what is left alone, what goes on, and in which order it comes back.

use std::time::Duration;

use mailroom_domain::NewEvent;
use mailroom_test_support::RunningProgram;
use tokio::time::sleep;

use crate::letters::letter;
use crate::mailroom::{LEASE, Mailroom, metric};
use crate::tool::{ask, call};

/// Letters of many conversations in turn; of the first five conversations every third is told to have come from Postmark.
fn mixed(mailroom: &mut Mailroom, from: usize) -> Vec<NewEvent> {
    let mut events: Vec<_> = (0..200)
        .map(|number| letter(&mut mailroom.chance, number % 20, from + number, "hello"))
        .collect();
    for (number, event) in events.iter_mut().enumerate() {
        if number % 20 < 5 && number / 20 % 3 == 1 {
            "postmark".clone_into(&mut event.provider);
        }
    }
    events
}

async fn until_paused(workers: &[RunningProgram], provider: &str, paused: f64) {
    for worker in workers {
        let begun = std::time::Instant::now();
        while (metric(worker, &format!("mailroom_paused{{provider=\"{provider}\"}}")).await - paused).abs()
            > 0.1
        {
            assert!(
                begun.elapsed() < Duration::from_secs(3),
                "{:?}",
                worker.stderr_lines()
            );
            sleep(Duration::from_millis(20)).await;
        }
    }
}

const STUCK: &str =
    "select count(*) from messaging.inbound_events e where status <> 'processed' and not exists (
    select from messaging.inbound_events b where b.provider = 'postmark'
        and b.conversation_key = e.conversation_key and b.arrival <= e.arrival)";

#[tokio::test]
async fn a_paused_provider_holds_its_own_conversations_and_nothing_else() {
    let mut mailroom = Mailroom::new().await;
    let workers = mailroom.workers(2).await;
    ask(
        &mailroom,
        &["pause", "--provider", "postmark", "--reason", "a drill"],
    )
    .await;
    until_paused(&workers, "postmark", 1.0).await;
    let events = mixed(&mut mailroom, 0);
    mailroom.record(&events).await;
    mailroom
        .until(&format!("select ({STUCK}) = 0"), Duration::from_secs(20))
        .await;
    // Nothing of it was done, nothing passed it, and no attempt is counted as a failure.
    let passed = "select count(*) from messaging.inbound_events e where status = 'processed' and exists (
        select from messaging.inbound_events b where b.provider = 'postmark'
            and b.conversation_key = e.conversation_key and b.arrival <= e.arrival)";
    assert_eq!(mailroom.number(passed).await, 0);
    let parked = "select count(*) = 15 from messaging.inbound_events
        where provider = 'postmark' and status = 'error' and next_attempt_at = 'infinity' and error_code = 'paused'";
    // Of each conversation at least the first is parked; the others wait behind it or are parked as well.
    let some_parked = parked.replace("= 15", "between 5 and 15");
    mailroom.until(&some_parked, Duration::from_secs(5)).await;
    for worker in &workers {
        worker.wait_ready().await;
        assert!(
            worker
                .stderr_lines()
                .iter()
                .any(|line| line.contains("paused by an operator")),
            "{:?}",
            worker.stderr_lines()
        );
    }
    // It survives every worker, and a lane that changes hands.
    workers[0].kill();
    mailroom.until_shared(1).await;
    assert_eq!(mailroom.number(passed).await, 0);

    let called = call(&mailroom, &["resume", "--provider", "postmark"]).await;
    assert_eq!(called.said, "provider postmark goes on\n", "{called:?}");
    // The letters are in the format of another provider: what they become is not the matter here.
    mailroom.until_done(Duration::from_secs(20)).await;
    let attempts =
        "select max(attempt_count)::int8 from messaging.inbound_events where provider = 'postmark'";
    assert_eq!(mailroom.number(attempts).await, 1, "the pause cost no attempt");
    mailroom.assert_consistent().await;
    assert_eq!(
        mailroom
            .number("select count(*) from messaging.inbound_events where error_code = 'paused'")
            .await,
        0
    );
}

#[tokio::test]
async fn what_was_parked_comes_back_in_order() {
    let mut mailroom = Mailroom::new().await;
    let workers = mailroom.workers(2).await;
    ask(
        &mailroom,
        &["pause", "--provider", "direct", "--reason", "a drill"],
    )
    .await;
    until_paused(&workers, "direct", 1.0).await;
    let events: Vec<_> = (0..3_000)
        .map(|number| letter(&mut mailroom.chance, number % 7, number, "hello"))
        .collect();
    mailroom.record(&events).await;
    mailroom
        .until(
            "select count(*) = 0 from messaging.in_work
             having exists (select from messaging.inbound_events where status = 'error')",
            Duration::from_secs(10),
        )
        .await;
    assert_eq!(mailroom.events("processed").await, 0);
    ask(&mailroom, &["resume", "--provider", "direct"]).await;
    // More comes while they come back.
    let more: Vec<_> = (3_000..3_500)
        .map(|number| letter(&mut mailroom.chance, number % 7, number, "hello"))
        .collect();
    mailroom.record(&more).await;
    mailroom.until_done(Duration::from_secs(30)).await;
    mailroom.assert_all_processed(3_500).await;
    drop(workers);
}

#[tokio::test]
async fn a_paused_fleet_claims_nothing_and_stays_alive() {
    let mut mailroom = Mailroom::new().await;
    let workers = mailroom.workers(2).await;
    ask(
        &mailroom,
        &["pause", "--all", "--reason", "a move", "--actor", "anna"],
    )
    .await;
    until_paused(&workers, "*", 1.0).await;
    let events: Vec<_> = (0..100)
        .map(|number| letter(&mut mailroom.chance, number % 10, number, "hello"))
        .collect();
    mailroom.record(&events).await;
    // A worker that starts meanwhile heeds it too, and they go on sharing lanes and renewing leases.
    let third = mailroom.worker().start().await;
    mailroom.until_shared(3).await;
    sleep(LEASE + Duration::from_secs(1)).await;
    mailroom.until_shared(3).await;
    let untouched =
        "select count(*) from messaging.inbound_events where status = 'received' and attempt_count = 0";
    assert_eq!(mailroom.number(untouched).await, 100);
    third.wait_ready().await;
    let called = call(&mailroom, &["pauses"]).await;
    assert!(
        called.said.starts_with("everything  since") && called.said.ends_with("by anna: a move\n"),
        "{called:?}"
    );
    let called = call(&mailroom, &["resume", "--all"]).await;
    assert_eq!(
        (called.code, called.said.as_str()),
        (Some(0), "everything goes on\n")
    );
    let took = mailroom.until_done(Duration::from_secs(20)).await;
    assert!(took < Duration::from_secs(3), "{took:?}");
    mailroom.assert_all_processed(100).await;
}

#[tokio::test]
async fn pauses_are_listed_and_misspelt_ones_refused() {
    let mailroom = Mailroom::new().await;
    assert_eq!(call(&mailroom, &["pauses"]).await.said, "nothing is paused\n");
    for wrong in [
        &["pause", "--reason", "x"][..],
        &["pause", "--all"],
        &["pause", "--all", "--provider", "slack", "--reason", "x"],
        &["pause", "--provider", "twillio", "--reason", "x"],
        &["resume"],
    ] {
        let called = call(&mailroom, wrong).await;
        assert_eq!(called.code, Some(2), "{wrong:?}: {called:?}");
    }
    assert_eq!(call(&mailroom, &["resume", "--all"]).await.code, Some(3));
    for scope in [&["--all"][..], &["--provider", "slack"]] {
        let arguments = [&["pause", "--reason", "x"], scope].concat();
        assert_eq!(ask(&mailroom, &arguments).await["changed"], true);
        assert_eq!(ask(&mailroom, &arguments).await["changed"], false);
    }
    let called = call(&mailroom, &["resume", "--all"]).await;
    assert_eq!(called.said, "everything goes on\nstill paused: provider slack\n");
    let left = ask(&mailroom, &["pauses"]).await;
    assert_eq!(left["items"][0]["scope"], "slack");
}
