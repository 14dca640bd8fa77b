//! Statements in transactions of their own, as behind a pooler that knows no prepared statements.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use mailroom_store::{Plans, Pool, PoolSettings, Way};
use mailroom_test_support::TestDatabase;
use sqlx::postgres::PgPool;
use tokio::time::sleep;

const ADD: &str =
    "with added as (insert into messaging.workers (id, lease_until) values ($1, now()) returning id)
                   select count(*) from added";

/// A pool of one connection, without a pooler: so that what is left on it would be seen.
fn pool(database: &TestDatabase) -> Pool {
    mailroom_store::pool(PoolSettings {
        url: database.url(),
        application_name: "whole",
        max_connections: 1,
        min_connections: 0,
        acquire_timeout: Duration::from_secs(10),
        plans: Plans::Usual,
        way: Way::PlainPooler,
        durable: true,
        writes: true,
    })
    .unwrap()
}

async fn add(pool: &Pool, number: u128) -> Result<i64, sqlx::Error> {
    let id = uuid::Uuid::from_u128(number);
    sqlx::query_scalar(ADD).bind(id).fetch_one(pool).await
}

async fn number(pool: &PgPool, question: &'static str) -> i64 {
    sqlx::query_scalar(question).fetch_one(pool).await.unwrap()
}

const WORKERS: &str = "select count(*) from messaging.workers";
const OPEN: &str = "select count(*) from pg_stat_activity where application_name = 'whole'
                    and datname = current_database() and state <> 'idle'";

/// Lives a future so often, and no longer.
async fn at_most<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut polled) = (pin!(future), 0);
    poll_fn(|context| {
        if polled == polls {
            return Poll::Ready(None);
        }
        polled += 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn wherever_it_is_cut_off_nothing_stays_open() {
    let database = TestDatabase::create().await;
    let (outside, pool) = (PgPool::connect(database.url()).await.unwrap(), pool(&database));
    let (mut there, mut ended) = (0, 0);
    for polls in 0..60 {
        let outcome = at_most(polls, add(&pool, polls as u128)).await;
        ended += i64::from(outcome.is_some());
        // Sooner than the server would see to it.
        for _ in 0..100 {
            if number(&outside, OPEN).await == 0 {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(number(&outside, OPEN).await, 0, "after {polls}");
        assert_eq!(add(&pool, 1_000 + polls as u128).await.unwrap(), 1);
        let now = number(&outside, WORKERS).await;
        let added = now - there - 1;
        assert!(added == 1 || added == 0 && outcome.is_none(), "after {polls}");
        there = now;
    }
    assert!(ended > 0 && ended < 60, "{ended}");
}

#[tokio::test]
async fn a_refused_statement_leaves_nothing_and_the_connection_goes_on() {
    let database = TestDatabase::create().await;
    let (outside, pool) = (PgPool::connect(database.url()).await.unwrap(), pool(&database));
    assert_eq!(add(&pool, 1).await.unwrap(), 1);
    let who = "select pg_backend_pid()::int8 + $1::int8 - $1";
    let before: i64 = sqlx::query_scalar(who)
        .bind(1_i64)
        .fetch_one(&pool)
        .await
        .unwrap();
    let refusal = add(&pool, 1).await.unwrap_err();
    assert_eq!(refusal.as_database_error().unwrap().code().unwrap(), "23505");
    let after: i64 = sqlx::query_scalar(who)
        .bind(1_i64)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(before, after);
    assert_eq!(number(&outside, WORKERS).await, 1);
}

#[tokio::test]
async fn what_the_server_says_at_its_end_is_told() {
    let database = TestDatabase::create().await;
    let pool = pool(&database);
    let ended = sqlx::query("select pg_terminate_backend(pg_backend_pid()), pg_sleep($1)")
        .bind(5_f64)
        .execute(&pool)
        .await
        .unwrap_err();
    assert_eq!(ended.as_database_error().unwrap().code().unwrap(), "57P01");
    assert_eq!(add(&pool, 1).await.unwrap(), 1);
}

/// A program that stands still in the middle.
#[tokio::test]
async fn the_server_waits_three_seconds_for_the_end() {
    let database = TestDatabase::create().await;
    let (outside, pool) = (PgPool::connect(database.url()).await.unwrap(), pool(&database));
    let mut statement = pin!(add(&pool, 1));
    let idle = "select count(*) from pg_stat_activity where application_name = 'whole'
                and datname = current_database() and state = 'idle in transaction'";
    let mut polls = 0;
    // As far as the server waits for us: what it answers is not read.
    while number(&outside, idle).await == 0 {
        polls += 1;
        assert!(polls < 200, "it never waited");
        let done = poll_fn(|context| Poll::Ready(statement.as_mut().poll(context).is_ready())).await;
        assert!(!done, "it was done before it waited");
        sleep(Duration::from_millis(5)).await;
    }
    sleep(Duration::from_secs(4)).await;
    assert_eq!(number(&outside, idle).await, 0);
    assert!(statement.await.is_err());
    assert_eq!(number(&outside, WORKERS).await, 0);
}
