//! What a worker tells of itself: every series from the first scrape, and nothing of what people write.

use std::time::Duration;

use mailroom_domain::Payload;
use mailroom_test_support::RunningProgram;
use tokio::time::sleep;

use crate::letters::letter;
use crate::mailroom::{Mailroom, metric, metrics};

const SERIES: [&str; 27] = [
    "mailroom_events_queued{status=\"received\"}",
    "mailroom_events_queued{status=\"processing\"}",
    "mailroom_events_queued{status=\"error\"}",
    "mailroom_events_queued{status=\"parked\"}",
    "mailroom_events_queued{status=\"dead_letter\"}",
    "mailroom_paused{provider=\"*\"}",
    "mailroom_paused{provider=\"twilio\"}",
    "mailroom_events_claimed_total",
    "mailroom_events_processed_total",
    "mailroom_events_errored_total{code=\"unavailable\"}",
    "mailroom_events_errored_total{code=\"reaped\"}",
    "mailroom_events_dead_lettered_total{code=\"unreadable\"}",
    "mailroom_events_dead_lettered_total{code=\"unsupported\"}",
    "mailroom_events_dead_lettered_total{code=\"refused\"}",
    "mailroom_events_dead_lettered_total{code=\"unavailable\"}",
    "mailroom_events_dead_lettered_total{code=\"panicked\"}",
    "mailroom_events_dead_lettered_total{code=\"reaped\"}",
    "mailroom_events_reaped_total",
    "mailroom_claims_lost_total",
    "mailroom_oldest_due_age_seconds",
    "mailroom_claim_to_finish_seconds_count",
    "mailroom_received_to_visible_seconds_count",
    "mailroom_lanes_held",
    "mailroom_lanes_lost_total",
    "mailroom_pool_connections{pool=\"work\",state=\"idle\"}",
    "mailroom_pool_connections{pool=\"work\",state=\"used\"}",
    "panics_total",
];

/// The first scrape, of a worker whose database is not even there.
#[tokio::test]
async fn every_series_stands_from_the_first_scrape() {
    let mailroom = Mailroom::new().await;
    let worker = mailroom
        .worker()
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
        .spawn();
    // The service starts a moment after the listener.
    let readyz = format!("{}/readyz", worker.admin_url().await);
    while !reqwest::get(&readyz)
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
        .contains("database")
    {
        sleep(Duration::from_millis(5)).await;
    }
    let text = metrics(&worker).await;
    for series in SERIES {
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        assert_eq!(value, Some("0"), "{series} in\n{text}");
        let name = series.split('{').next().unwrap().trim_end_matches("_count");
        assert!(
            text.contains(&format!("# HELP {name} ")),
            "{name} is not explained"
        );
    }
}

#[tokio::test]
async fn what_people_write_is_never_told() {
    let mut mailroom = Mailroom::new().await;
    let worker = mailroom.worker().env("RUST_LOG", "debug").start().await;
    let canary = "canary-7f3a";
    let mut letters: Vec<_> = (0..30)
        .map(|number| letter(&mut mailroom.chance, 7_777, number, canary))
        .collect();
    letters[3].payload =
        Payload::new(format!("{{\"from\": \"{canary}\", \"to\": [\"+15550107777\"").as_bytes());
    letters[4].payload = Payload::new(format!("{{\"{canary}\": 1}}").as_bytes());
    // What the database refuses must not be told either.
    mailroom
        .execute("alter table messaging.messages add constraint no_thirteen check (arrival <> 13)")
        .await;
    mailroom.record(&letters).await;
    mailroom.until_done(Duration::from_secs(20)).await;
    assert_eq!(mailroom.events("dead_letter").await, 3);
    assert_no_canary(&worker, canary).await;
    let told: Vec<(String,)> = mailroom
        .rows("select error_message from messaging.inbound_events where status = 'dead_letter'")
        .await;
    for (cause,) in told {
        assert!(
            !cause.contains(canary) && !cause.contains("5550107777"),
            "{cause}"
        );
    }
    assert!(metric(&worker, "mailroom_received_to_visible_seconds_count").await > 26.5);
}

async fn assert_no_canary(worker: &RunningProgram, canary: &str) {
    let mut told = worker.stderr_lines();
    assert!(
        told.iter().any(|line| line.contains("refused by the database")),
        "the log is empty"
    );
    told.extend(metrics(worker).await.lines().map(str::to_owned));
    for line in told {
        assert!(!line.contains(canary) && !line.contains("5550107777"), "{line}");
    }
}
