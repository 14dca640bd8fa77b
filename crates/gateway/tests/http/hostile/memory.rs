//! Memory while very many clients are slow and very large bodies come at once.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::Connection;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::MOST_MEMORY;
use super::case::JSON;
use super::process::{memory, sockets};
use super::signatures::{good, wire};
use crate::accounts;
use crate::house::House;
use crate::socket::{Socket, head, request};
use crate::talk::{SMS, sms};

const SLOW: usize = 2_000;
const LARGE: usize = 100;
/// More than may be held at once.
const BATCHES: usize = 15;

/// Less than a recording is waited for.
const LOCKED_FOR: Duration = Duration::from_secs(4);

/// The limits are those of the defaults, only that the slow ones stay for as long as the test needs.
const SETTINGS: [(&str, &str); 2] = [
    ("MAILROOM__SERVER__HEAD_TIMEOUT_MS", "60000"),
    ("MAILROOM__SERVER__BODY_TIMEOUT_MS", "60000"),
];

/// Half of them within a head, half within a body.
async fn slow(house: &House) -> Vec<Socket> {
    let body = head("POST", SMS, &[JSON, ("content-length", "262144")]);
    let mut sockets = Vec::with_capacity(SLOW);
    for number in 0..SLOW {
        let mut socket = house.socket().await;
        if number % 2 == 0 {
            socket.send(&body[..body.len() - 2]).await;
        } else {
            // It buys itself time for a while.
            socket.send(&body).await;
            socket.send(&[b' '; 16 << 10]).await;
        }
        sockets.push(socket);
    }
    sockets
}

/// How many of the answers to this request, sent this often at once, had which status. `refused` rises with the first 503.
async fn at_once(house: &House, requests: &[Vec<u8>], refused: &Notify) -> (usize, usize) {
    let answers = join_all(requests.iter().map(|request| async move {
        let mut socket = house.socket().await;
        socket.send(request).await;
        let answer = socket.answer_within(Duration::from_mins(2)).await;
        if answer.as_ref().is_ok_and(|answer| answer.status == 503) {
            refused.notify_one();
        }
        answer
    }));
    let answers: Vec<_> = answers
        .await
        .into_iter()
        .map(|answer| answer.expect("an answer in time"))
        .collect();
    let taken = answers.iter().filter(|answer| answer.status < 300).count();
    let later = answers.iter().filter(|answer| answer.status == 503).count();
    assert_eq!(
        taken + later,
        answers.len(),
        "{:?}",
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
    );
    (taken, later)
}

#[tokio::test]
async fn it_stays_within_its_limit() {
    let house = accounts::with(&SETTINGS).await;
    let idle = memory(&house.gateway).now;
    let began = Instant::now();
    let sockets_held = slow(&house).await;
    while sockets(&house.gateway) < SLOW {
        assert!(began.elapsed() < Duration::from_secs(20), "they are not accepted");
        sleep(Duration::from_millis(20)).await;
    }
    let with_slow = memory(&house.gateway);

    let full: Vec<_> = (0..LARGE)
        .map(|n| request("POST", SMS, &[JSON], full_body(n).as_bytes()))
        .collect();
    let (taken, _) = at_once(&house, &full, &Notify::new()).await;
    let with_full = memory(&house.gateway);
    assert_eq!(taken, LARGE, "none of these was too much");
    assert_eq!(house.events().await, i64::try_from(LARGE).unwrap());
    assert!(sockets(&house.gateway) >= SLOW, "the slow ones are still there");
    assert!(
        with_full.peak < MOST_MEMORY,
        "idle {idle}, slow {with_slow:?}, full {with_full:?}"
    );

    let batch = wire(&good("sendgrid", JSON.1, batch().to_string()));
    // Nothing is written until one was too much: else it would depend on the machine whether any is.
    let mut session = house.pool.acquire().await.unwrap();
    let mut lock = session.begin().await.unwrap();
    sqlx::query("lock table messaging.inbound_events in access exclusive mode")
        .execute(&mut *lock)
        .await
        .unwrap();
    let (refused, many) = (Notify::new(), vec![batch; BATCHES]);
    let release = async {
        let _ = timeout(LOCKED_FOR, refused.notified()).await;
        lock.rollback().await.unwrap();
    };
    let ((batches, later), ()) = tokio::join!(at_once(&house, &many, &refused), release);
    let with_batches = memory(&house.gateway);
    println!(
        "idle {idle}, slow {with_slow:?}, full {with_full:?}, batches {with_batches:?}: {batches} taken, {later} later"
    );
    assert!(
        batches > 0 && later > 0,
        "{batches} batches taken, {later} not: some fit and not all"
    );
    assert!(with_batches.peak < MOST_MEMORY, "{with_batches:?}");
    house.accept(SMS, &sms("after it all")).await;
    drop(sockets_held);
}

/// A valid SMS as large as one may be.
fn full_body(n: usize) -> String {
    let empty = sms(&format!("full {n}")).to_string();
    let text = "x".repeat(262_144 - empty.len());
    empty.replace("hello", &format!("hello{text}"))
}

/// Nearly 4 MiB of SendGrid's events.
fn batch() -> Value {
    let event = |n: usize| {
        json!({
            "email": "ada@example.com", "timestamp": 1_692_967_801, "event": "delivered",
            "sg_event_id": format!("event-{n}"), "sg_message_id": format!("message-{n}.recvd-1"),
            "response": "x".repeat(3_900),
        })
    };
    (0..1_000).map(event).collect()
}
