//! What statements read: what they take and no more, whatever the planner was last told about the table.

use std::time::Duration;

use mailroom_domain::{ClaimToken, ErrorCode, Failure, Lane};
use mailroom_store::{Plans, event};

use crate::stage::Stage;
use crate::talk::{Talk, in_turn};

/// Scans of the whole table, and entries read in its indexes.
async fn read(stage: &Stage) -> (i64, i64) {
    // What this session did is told to the statistics at the end of the next transaction.
    stage.execute("select pg_stat_force_next_flush()").await;
    let rows = stage.rows(
        "select t.seq_scan, sum(i.idx_tup_read)::int8
         from pg_stat_user_tables t join pg_stat_user_indexes i using (relid)
         where t.relname = 'inbound_events' group by t.seq_scan",
    );
    rows.await[0]
}

/// What work read: it must not scan the table, and what it reads must not grow faster than what it takes.
async fn assert_reads_little(stage: &Stage, events: i64, what: &str, work: impl Future<Output = ()>) {
    let before = read(stage).await;
    work.await;
    let after = read(stage).await;
    assert_eq!(after.0 - before.0, 0, "{what} scanned the whole table");
    let entries = after.1 - before.1;
    assert!(
        entries <= 20 * events,
        "{what} of {events} events read {entries} entries"
    );
}

fn failure() -> Failure {
    Failure {
        code: ErrorCode::Unavailable,
        cause: "the test says so".to_owned(),
    }
}

/// A whole life of 500 events before 20,000 others.
async fn live(talks: &[Talk], depth: u32, analyzed: bool) {
    let stage = Stage::with_connections(1).await;
    let worker = stage.owner().await;
    for set in in_turn(&stage, talks, 20_000).chunks(2_000) {
        stage.record(set).await;
    }
    if analyzed {
        stage
            .execute("analyze messaging.inbound_events, messaging.lanes")
            .await;
    }
    let mut token = ClaimToken::new(stage.random());
    let mut events = Vec::new();
    // As a worker does: few lanes deeply, or many a little each.
    let lanes: Vec<_> = Lane::all()
        .filter(|lane| talks.iter().any(|talk| talk.lane() == *lane))
        .map(|lane| (lane, 0))
        .collect();
    assert_reads_little(&stage, 512, "claim", async {
        let claim = event::claim(&mut stage.connection().await, worker, &lanes, depth, token, &[])
            .await
            .unwrap();
        events = claim.events;
    })
    .await;
    assert!(events.len() > 400, "{}", events.len());
    let all = i64::try_from(events.len()).unwrap();
    assert_reads_little(&stage, all, "retry", async {
        let set: Vec<_> = events
            .iter()
            .map(|event| (event.id, Duration::ZERO, failure()))
            .collect();
        assert_eq!(
            event::retry(&mut stage.connection().await, token, &set)
                .await
                .unwrap()
                .len(),
            events.len()
        );
    })
    .await;
    assert_reads_little(&stage, 2 * all, "claim of what is due", async {
        (token, events) = stage.claim_due(worker, 500).await;
    })
    .await;
    assert!(!events.is_empty());
    assert_reads_little(&stage, all, "reap", async {
        let lanes: Vec<_> = Lane::all().collect();
        let delays = [Duration::ZERO; 5];
        let reaped = event::reap(&stage.pool, worker, &lanes, &[], &delays)
            .await
            .unwrap();
        assert_eq!(reaped.retried, u64::try_from(events.len()).unwrap());
    })
    .await;
    stage
        .execute("update messaging.inbound_events set error_code = 'unavailable' where status = 'error'")
        .await;
    (token, events) = stage.claim_due(worker, 500).await;
    assert_reads_little(&stage, all, "finish", async {
        assert_eq!(stage.finish(token, &events).await.len(), events.len());
    })
    .await;
}

#[tokio::test]
async fn over_all_lanes() {
    let talks: Vec<_> = (0..2_000).map(Talk::number).collect();
    for analyzed in [false, true] {
        live(&talks, 2, analyzed).await;
    }
}

#[tokio::test]
async fn in_one_lane() {
    let talks = Talk::in_one_lane(600);
    for analyzed in [false, true] {
        live(&talks, 500, analyzed).await;
    }
}

/// A worker's first claim is planned when nothing is there yet, and its plan is kept.
#[tokio::test]
async fn plans_that_are_kept_from_an_empty_table() {
    let stage = Stage::with(1, Plans::Fixed).await;
    let worker = stage.owner().await;
    let talks: Vec<_> = (0..2_000).map(Talk::number).collect();
    let one_by_one = |stage: &Stage| in_turn(stage, &talks[..1], 1);
    stage.record(&one_by_one(&stage)).await;
    let (token, events) = stage.claim(worker, 2).await;
    stage.finish(token, &events).await;
    for turn in 0..10 {
        let said: Vec<_> = talks
            .iter()
            .map(|talk| talk.says(&stage, &format!("{turn} {}", talk.from)))
            .collect();
        stage.record(&said).await;
    }
    let (mut token, mut events) = (token, events);
    assert_reads_little(&stage, 512, "claim", async {
        (token, events) = stage.claim(worker, 2).await;
    })
    .await;
    assert!(events.len() > 400, "{}", events.len());
    assert_reads_little(&stage, 16, "finish", async {
        assert_eq!(stage.finish(token, &events[..16]).await.len(), 16);
    })
    .await;
}

/// An analysis has a processor to itself while it sorts what it read, and events come meanwhile.
#[tokio::test]
async fn tables_that_grow_with_events_are_analysed_by_a_sample_of_3000_rows() {
    const ROWS_FOR_EACH_TARGET: i64 = 300; // PostgreSQL's `std_typanalyze`
    let stage = Stage::with_connections(1).await;
    let columns: Vec<(String, i32)> = stage
        .rows(
            "select c.relname || '.' || a.attname, coalesce(a.attstattarget, -1)::int4
             from pg_attribute a join pg_class c on c.oid = a.attrelid
             where c.relnamespace = 'messaging'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
               and c.relname in ('inbound_events', 'messages', 'conversations', 'files', 'message_status_history')",
        )
        .await;
    assert!(columns.len() > 60, "{}", columns.len());
    let larger =
        |(_, target): &&(String, i32)| *target < 0 || i64::from(*target) * ROWS_FOR_EACH_TARGET > 3_000;
    assert_eq!(
        columns.iter().filter(larger).collect::<Vec<_>>(),
        Vec::<&(String, i32)>::new()
    );
}
