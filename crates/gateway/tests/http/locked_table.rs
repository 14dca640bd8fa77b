//! A table that somebody holds: requests are not kept waiting, and nothing is doubled afterwards.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sqlx::Connection;

use crate::house::House;
use crate::talk::{CONVERSATIONS, SMS, sms};

const LOCK: &str = "lock table messaging.inbound_events in access exclusive mode";

#[tokio::test]
async fn waits_its_time_and_records_once() {
    let house = House::with(&[("MAILROOM__RECORDING__TIMEOUT_MS", "700")]).await;
    house.accept(SMS, &sms("before")).await;
    let mut session = house.pool.acquire().await.unwrap();
    let mut lock = session.begin().await.unwrap();
    sqlx::query(LOCK).execute(&mut *lock).await.unwrap();

    let ids: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let begun = Instant::now();
    let refused = join_all(ids.iter().map(async |id| house.post(SMS, &sms(id)).await));
    let meanwhile = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let begun = Instant::now();
            assert_eq!(house.get_admin("/livez").await.status, 200);
            assert_eq!(house.get_admin("/readyz").await.status, 200);
            assert_eq!(house.get("/healthz").await.status, 200);
            assert_eq!(
                house.get(CONVERSATIONS).await.status,
                200,
                "other tables can be read"
            );
            slowest = slowest.max(begun.elapsed());
        }
        slowest
    };
    let (refused, slowest) = tokio::join!(refused, meanwhile);
    for answer in refused {
        answer.assert_try_again();
    }
    let waited = begun.elapsed();
    assert!(waited >= Duration::from_millis(700), "{waited:?}");
    assert!(waited < Duration::from_secs(5), "{waited:?}");
    assert!(slowest < Duration::from_millis(700), "{slowest:?}");

    lock.rollback().await.unwrap();
    drop(session);
    // The provider delivers again.
    for id in &ids {
        house.accept(SMS, &sms(id)).await;
    }
    assert_eq!(house.events().await, 21);
    let idle =
        "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'";
    assert_eq!(house.number(idle).await, 0, "no transaction is left open");
}

#[tokio::test]
async fn who_would_wait_too_long_is_turned_away_at_once() {
    let house = House::with(&[
        ("MAILROOM__RECORDING__TIMEOUT_MS", "8000"),
        ("MAILROOM__RECORDING__WRITERS", "1"),
        ("MAILROOM__RECORDING__MAX_WAIT_MS", "500"),
    ])
    .await;
    let mut session = house.pool.acquire().await.unwrap();
    let mut lock = session.begin().await.unwrap();
    sqlx::query(LOCK).execute(&mut *lock).await.unwrap();
    let (one, another) = (sms("with the writer"), sms("in the line"));
    let waiting = async {
        let first = house.post(SMS, &one);
        let second = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            house.post(SMS, &another).await
        };
        tokio::join!(first, second)
    };
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let begun = Instant::now();
        let answer = house.post(SMS, &sms("too late")).await;
        answer.assert_try_again();
        assert_eq!(answer.json()["code"], "busy");
        assert!(
            begun.elapsed() < Duration::from_millis(500),
            "{:?}",
            begun.elapsed()
        );
        lock.rollback().await.unwrap();
    };
    let ((first, second), ()) = tokio::join!(waiting, meanwhile);
    assert_eq!((first.status, second.status), (202, 202));
    house.accept(SMS, &sms("too late")).await;
}

/// With the table held and one request with the one writer, how many of nine more are turned away at once.
async fn turned_away(settings: &[(&str, &str)]) -> usize {
    let common = [
        ("MAILROOM__RECORDING__TIMEOUT_MS", "2000"),
        ("MAILROOM__RECORDING__WRITERS", "1"),
    ];
    let house = House::with(&[&common, settings].concat()).await;
    let mut session = house.pool.acquire().await.unwrap();
    let mut lock = session.begin().await.unwrap();
    sqlx::query(LOCK).execute(&mut *lock).await.unwrap();
    let first = sms("first");
    let with_the_writer = house.post(SMS, &first);
    let others = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        join_all((0..9).map(async |n| {
            let begun = Instant::now();
            let answer = house.post(SMS, &sms(&n.to_string())).await;
            answer.assert_try_again();
            (
                answer.json()["code"].as_str().unwrap().to_owned(),
                begun.elapsed(),
            )
        }))
        .await
    };
    let (_, answers) = tokio::join!(with_the_writer, others);
    lock.rollback().await.unwrap();
    let busy = answers.iter().filter(|(code, _)| code == "busy");
    for (_, waited) in busy.clone() {
        assert!(*waited < Duration::from_secs(1), "{answers:?}");
    }
    busy.count()
}

#[tokio::test]
async fn more_than_can_wait_are_turned_away_at_once() {
    let settings = [
        ("MAILROOM__RECORDING__MAX_EVENTS", "10"),
        ("MAILROOM__RECORDING__MAX_WAITING", "3"),
    ];
    assert_eq!(turned_away(&settings).await, 6, "three wait");
}

#[tokio::test]
async fn more_than_are_known_to_be_taken_are_turned_away_at_once() {
    let settings = [("MAILROOM__RECORDING__MAX_EVENTS", "2")];
    assert_eq!(
        turned_away(&settings).await,
        7,
        "two wait, what the writer takes at once"
    );
}
