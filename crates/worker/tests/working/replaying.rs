//! `dead-letters replay` of many: counted, in batches, no faster than asked, interrupted and called again.

use std::time::{Duration, Instant};

use mailroom_test_support::RunningProgram;
use tokio::time::sleep;

use crate::letters::letters;
use crate::mailroom::Mailroom;
use crate::tool::{ask, call, program};

const DEAD: i64 = 600;

/// So many dead letters of few conversations that can all be read, two providers, two codes.
async fn buried() -> Mailroom {
    let mut mailroom = Mailroom::new().await;
    let letters = letters(&mut mailroom.chance, 4, usize::try_from(DEAD).unwrap());
    mailroom.record(&letters).await;
    mailroom
        .execute(
            "update messaging.inbound_events set status = 'dead_letter', attempt_count = 6,
                 error_code = case when arrival % 3 = 0 then 'reaped' else 'unavailable' end,
                 endpoint = case when arrival % 2 = 0 then 'direct' else 'other' end",
        )
        .await;
    mailroom
}

async fn replayed(mailroom: &Mailroom) -> i64 {
    DEAD - mailroom.events("dead_letter").await
}

async fn until_replayed(mailroom: &Mailroom, tool: &RunningProgram, count: i64) {
    let since = Instant::now();
    while replayed(mailroom).await < count {
        assert!(tool.ended().is_none(), "{:?}", tool.stderr_lines());
        assert!(since.elapsed() < Duration::from_secs(20));
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_dry_run_counts_by_provider_and_code_and_touches_nothing() {
    let mailroom = buried().await;
    let count = ask(&mailroom, &["dead-letters", "replay", "--all", "--dry-run"]).await;
    assert_eq!(
        (count["matched"].as_i64(), replayed(&mailroom).await),
        (Some(DEAD), 0)
    );
    assert_eq!(
        count["counts"],
        serde_json::json!([
            {"provider": "direct", "code": "reaped", "letters": 200},
            {"provider": "direct", "code": "unavailable", "letters": 400},
        ])
    );
    let count = ask(
        &mailroom,
        &[
            "dead-letters",
            "replay",
            "--code",
            "reaped",
            "--limit",
            "30",
            "--dry-run",
        ],
    )
    .await;
    assert_eq!(count["matched"], 30);
    let called = call(&mailroom, &["dead-letters", "replay", "--all", "--dry-run"]).await;
    assert!(
        called.said.contains("600 would be replayed; nothing was touched"),
        "{called:?}"
    );
    assert!(
        ask(&mailroom, &["actions"]).await["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn arguments_that_do_not_say_enough_are_refused() {
    let mailroom = buried().await;
    let id = "00000000-0000-4000-8000-000000000000";
    for wrong in [
        &["replay"][..],
        &["replay", "--limit", "5"],
        &["replay", id, "--all"],
        &["replay", "--all", "--kind", "message"],
        &["replay", "--all", "--rate", "0/s"],
        &["replay", "--since", "yesterday"],
        &["replay", "--code", "nonsense"],
        &["replay", "--all", "--actor", " "],
        &["discard", "--all", "--yes"],
        &["discard", "--all", "--reason", "spam"],
    ] {
        let called = call(&mailroom, &[&["dead-letters"], wrong].concat()).await;
        assert_eq!(called.code, Some(2), "{wrong:?}: {called:?}");
        assert!(
            !called.complained.is_empty() && called.said.is_empty(),
            "{called:?}"
        );
    }
    let called = call(&mailroom, &["dead-letters", "replay", "--provider", "slack"]).await;
    assert_eq!(called.code, Some(3), "{called:?}");
    let called = call(&mailroom, &["dead-letters", "replay", "--help"]).await;
    assert!(called.said.contains("3  nothing matched"), "{called:?}");
    assert_eq!(replayed(&mailroom).await, 0);
}

#[tokio::test]
async fn what_the_filters_mean_is_replayed_in_order_within_each_conversation() {
    let mailroom = buried().await;
    let workers = mailroom.workers(2).await;
    let done = ask(
        &mailroom,
        &["dead-letters", "replay", "--endpoint", "other", "--limit", "250"],
    )
    .await;
    assert_eq!(
        (&done["replayed"], &done["matched"], &done["interrupted"]),
        (&250.into(), &250.into(), &false.into())
    );
    mailroom.until_done(Duration::from_secs(20)).await;
    mailroom.assert_all_processed(250).await;
    let left =
        "select count(*) from messaging.inbound_events where status = 'dead_letter' and endpoint = 'other'
         and arrival < (select max(arrival) from messaging.inbound_events where status = 'processed')";
    assert_eq!(mailroom.number(left).await, 0, "the oldest come first");
    let done = ask(&mailroom, &["dead-letters", "replay", "--all"]).await;
    assert_eq!(done["replayed"], 350);
    mailroom.until_done(Duration::from_secs(20)).await;
    assert_eq!(mailroom.events("processed").await, DEAD);
    mailroom.assert_once().await;
    drop(workers);
}

#[tokio::test]
async fn it_goes_no_faster_than_asked_and_may_be_interrupted_and_called_again() {
    let mailroom = buried().await;
    let workers = mailroom.workers(2).await;
    let slowly = ["dead-letters", "replay", "--all", "--rate", "50/s"];
    let begun = Instant::now();
    let tool = program(&mailroom, &slowly).spawn();
    until_replayed(&mailroom, &tool, 100).await;
    // A batch at once, another after a second.
    assert!(
        begun.elapsed() > Duration::from_millis(900),
        "{:?}",
        begun.elapsed()
    );
    tool.terminate();
    assert_eq!(tool.wait_exit(Duration::from_secs(5)).await.code(), Some(1));
    let so_far = replayed(&mailroom).await;
    assert!((100..DEAD).contains(&so_far), "{so_far}");
    assert!(
        tool.stderr_lines()
            .iter()
            .any(|line| line.ends_with("of 600 replayed")),
        "{:?}",
        tool.stderr_lines()
    );

    // Killed on the spot, at any point of a batch: whole batches are done, and accounted for.
    let tool = program(&mailroom, &slowly).spawn();
    until_replayed(&mailroom, &tool, so_far + 50).await;
    tool.kill();
    tool.wait_exit(Duration::from_secs(5)).await;
    let accounted =
        "select coalesce(sum(count), 0)::int8 from messaging.operator_actions where action = 'replay'";
    assert_eq!(mailroom.number(accounted).await, replayed(&mailroom).await);

    let done = ask(&mailroom, &["dead-letters", "replay", "--all"]).await;
    assert_eq!(done["matched"], done["replayed"]);
    mailroom.until_done(Duration::from_secs(20)).await;
    mailroom
        .assert_all_processed(usize::try_from(DEAD).unwrap())
        .await;
    assert_eq!(mailroom.number(accounted).await, DEAD);
    let actions = ask(&mailroom, &["actions"]).await;
    assert_eq!(actions["items"].as_array().unwrap().len(), 3, "a line a command");
    drop(workers);
}

#[tokio::test]
async fn what_is_buried_again_meanwhile_is_not_replayed_for_ever() {
    let mailroom = buried().await;
    mailroom
        .execute("update messaging.inbound_events set payload = '{}' where status = 'dead_letter'")
        .await;
    let worker = mailroom.worker().start().await;
    let done = ask(&mailroom, &["dead-letters", "replay", "--all", "--rate", "400/s"]).await;
    assert_eq!(done["replayed"], DEAD, "each once");
    mailroom.until_done(Duration::from_secs(20)).await;
    assert_eq!(mailroom.events("dead_letter").await, DEAD);
    drop(worker);
}
