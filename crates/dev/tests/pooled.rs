//! Gateways and workers behind a real PgBouncer in transaction mode: many clients, three connections to the server.

#![expect(clippy::unwrap_used, reason = "the functions here are parts of tests")]

use std::env;
use std::time::Duration;

use mailroom_test_support::{Pooler, Prepared, TestDatabase, TestProgram};
use serde_json::{Value, json};
use tokio::time::sleep;

const CLIENTS: usize = 64;

/// Of each client; more are asked for by `MAILROOM_TEST_POOLED_CALLS`.
fn calls() -> usize {
    env::var("MAILROOM_TEST_POOLED_CALLS").map_or(40, |calls| calls.parse().unwrap())
}

fn sms(client: usize, call: usize) -> Value {
    json!({
        "from": format!("+1555020{client:04}"), "to": "+15550100000", "type": "sms",
        "messaging_provider_id": format!("pooled-{client}-{call}"), "body": format!("{call}"),
        "attachments": null, "timestamp": "2026-11-01T14:00:00Z",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn many_share_three_connections_and_nobody_notices() {
    many_share_three_connections(Prepared::Known).await;
}

/// As `PgBouncer` was before 1.21.
#[tokio::test(flavor = "multi_thread")]
async fn nor_where_nobody_knows_what_was_prepared() {
    many_share_three_connections(Prepared::Unknown).await;
}

/// Everything works, by polling; without a word nobody would find out why it is slow.
#[tokio::test(flavor = "multi_thread")]
async fn a_direct_url_that_leads_to_a_pooler_is_told() {
    let database = TestDatabase::create().await;
    let deaf = "ignore_startup_parameters = extra_float_digits,options";
    let Some(pooler) = Pooler::start(database.url(), Prepared::Unknown, None, deaf) else {
        return;
    };
    let told = async |direct: &str| {
        let worker = TestProgram::worker(database.url()).env("MAILROOM_DIRECT_DATABASE_URL", direct);
        let worker = worker.start().await;
        let is_told = || {
            let lines = worker.stderr_lines();
            lines.iter().any(|line| line.contains("drops the settings"))
        };
        for _ in 0..30 {
            if is_told() {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        is_told()
    };
    assert!(told(&pooler.url(database.name())).await);
    assert!(!told(database.url()).await);
}

async fn many_share_three_connections(prepared: Prepared) {
    let database = TestDatabase::create().await;
    let Some(pooler) = Pooler::start(database.url(), prepared, None, "default_pool_size = 3") else {
        return;
    };
    let through = pooler.url(database.name());
    let behind = |program: TestProgram| {
        program
            .env("DATABASE_URL", through.as_str())
            .env("MAILROOM_DIRECT_DATABASE_URL", database.url())
            .env("MAILROOM__DATABASE__POOLED", "true")
            .env(
                "MAILROOM__DATABASE__PREPARED_STATEMENTS",
                (prepared == Prepared::Known).to_string(),
            )
            .env("MAILROOM__DATABASE__MAX_CONNECTIONS", "30")
            .env("MAILROOM__DATABASE__ACQUIRE_TIMEOUT_MS", "5000")
    };
    let gateway = TestProgram::gateway(database.url()).env("MAILROOM__PROFILE", "development");
    let gateway = behind(gateway).start().await;
    let workers = [
        behind(TestProgram::worker(database.url())).start().await,
        behind(TestProgram::worker(database.url())).start().await,
    ];
    let base = gateway.base_url().await;
    let http = reqwest::Client::new();
    let calls = calls();
    let messages = CLIENTS * calls;
    let clients = (0..CLIENTS).map(|client| {
        let (http, base) = (http.clone(), base.clone());
        tokio::spawn(async move {
            for call in 0..calls {
                let url = format!("{base}/api/webhooks/sms");
                let answer = http.post(url).json(&sms(client, call)).send().await.unwrap();
                assert_eq!(answer.status(), 202);
                let page = http
                    .get(format!("{base}/api/conversations?pageSize=5"))
                    .send()
                    .await;
                assert_eq!(page.unwrap().status(), 200);
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let count = async || {
        let page = http
            .get(format!("{base}/api/conversations?pageSize=200"))
            .send()
            .await;
        let page: Value = page.unwrap().json().await.unwrap();
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|one| one["message_count"].as_u64().unwrap())
            .sum::<u64>()
    };
    for _ in 0..600 {
        if count().await == messages as u64 {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(count().await, messages as u64);
    for program in workers.iter().chain([&gateway]) {
        let trouble = program
            .stderr_lines()
            .into_iter()
            .find(|line| line.contains("SQLSTATE"));
        assert_eq!(trouble, None);
    }
}
