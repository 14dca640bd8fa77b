//! Asked to stop under load: it goes on for the drain delay, and what it accepted is in the database.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::time::sleep;

use crate::house::{House, client};
use crate::talk::{SMS, sms};

const DRAIN_DELAY: Duration = Duration::from_millis(1_500);

/// What one sender saw.
#[derive(Default)]
struct Seen {
    accepted: Vec<String>,
    refused: Vec<String>,
    /// The first time no answer came, and what came instead.
    cut: Option<(Instant, String)>,
}

/// Sends one after the other over one connection that is kept, until there is nobody to send to.
async fn send(house: &House, sender: usize, over: &AtomicBool) -> Seen {
    let (client, url) = (client(), format!("{}{SMS}", house.base_url));
    let mut seen = Seen::default();
    for n in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let id = format!("{sender}-{n}");
        match client.post(&url).json(&sms(&id)).send().await {
            Ok(answer) if answer.status() == 202 => seen.accepted.push(id),
            Ok(answer) => seen.refused.push(format!("{id}: {}", answer.status())),
            Err(error) => {
                seen.cut
                    .get_or_insert_with(|| (Instant::now(), format!("{error:?}")));
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
    seen
}

#[tokio::test]
async fn whatever_was_accepted_is_recorded() {
    let house = House::with(&[("MAILROOM__SHUTDOWN__DRAIN_DELAY_MS", "1500")]).await;
    let over = AtomicBool::new(false);
    let stop = async {
        sleep(Duration::from_millis(500)).await;
        let asked = Instant::now();
        house.gateway.terminate();
        let mut draining = 0;
        while asked.elapsed() < DRAIN_DELAY / 2 {
            if let Ok(answer) = house
                .client
                .get(format!("{}/readyz", house.gateway.admin_url().await))
                .send()
                .await
            {
                draining += u32::from(answer.status() == 503);
            }
            sleep(Duration::from_millis(50)).await;
        }
        assert!(draining > 3, "it says that it is not ready");
        let status = house.gateway.wait_exit(Duration::from_secs(10)).await;
        over.store(true, Ordering::Relaxed);
        (asked, asked.elapsed(), status)
    };
    let senders = join_all((0..8).map(|sender| send(&house, sender, &over)));
    let (seen, (asked, took, status)) = tokio::join!(senders, stop);
    assert_eq!(status.code(), Some(0));
    assert!(took >= DRAIN_DELAY && took < Duration::from_secs(10), "{took:?}");

    let recorded: BTreeSet<_> = house
        .texts("select provider_message_id from messaging.inbound_events")
        .await
        .into_iter()
        .collect();
    let mut accepted = 0;
    for seen in seen {
        assert!(seen.refused.is_empty(), "{:?}", seen.refused);
        let (cut, error) = seen.cut.unwrap();
        assert!(
            cut >= asked + DRAIN_DELAY,
            "cut {:?} after the signal: {error}",
            cut - asked
        );
        for id in &seen.accepted {
            assert!(recorded.contains(id), "{id} was accepted and is lost");
        }
        accepted += seen.accepted.len();
    }
    assert!(accepted > 50, "{accepted} requests are no load");
}

#[tokio::test]
async fn a_connection_that_idles_does_not_delay_the_end() {
    let house = House::with(&[("MAILROOM__SHUTDOWN__DRAIN_DELAY_MS", "100")]).await;
    let mut idle = Vec::new();
    for _ in 0..5 {
        idle.push(house.socket().await);
    }
    let mut kept = house.socket().await;
    kept.send(&crate::socket::head("GET", "/healthz", &[])).await;
    assert_eq!(kept.answer().await.unwrap().status, 200);
    let asked = Instant::now();
    house.gateway.terminate();
    assert_eq!(
        house.gateway.wait_exit(Duration::from_secs(10)).await.code(),
        Some(0)
    );
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn whoever_is_answered_meanwhile_is_told_to_come_again_elsewhere() {
    let house = House::with(&[("MAILROOM__SHUTDOWN__DRAIN_DELAY_MS", "2000")]).await;
    let mut kept = house.socket().await;
    let request = crate::socket::head("GET", "/healthz", &[]);
    kept.send(&request).await;
    assert_eq!(kept.answer().await.unwrap().header("connection"), None);
    house.gateway.terminate();
    sleep(Duration::from_millis(500)).await;
    kept.send(&request).await;
    let last = kept.answer().await.unwrap();
    assert_eq!((last.status, last.header("connection")), (200, Some("close")));
    kept.send(&request).await;
    assert!(kept.answer().await.is_err(), "it is closed");
    // Others still come in.
    let mut another = house.socket().await;
    another.send(&request).await;
    assert_eq!(another.answer().await.unwrap().status, 200);
}
